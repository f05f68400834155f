// Says so when a request or the live updates fail, and takes it back when they work again.
(() => {
  const LOST = "The connection was lost. This page keeps trying; nothing you did is undone.";
  const REFUSED = "That did not work. Reload the page and try again.";
  const ENDED = "You are no longer signed in, or may not see this. Reload the page.";

  // Whoever said it takes it back: what the page asks for by itself works right after a person's deed has failed, and would hide that.
  const say = (text, from) => {
    const place = document.getElementById("notices");
    const said = place?.firstElementChild;
    if (!place || (said?.textContent === text && said.matches(`.from-${from}, .from-person`))) return;
    const box = document.createElement("div");
    box.className = `notice warn from-${from}`;
    box.textContent = text;
    place.replaceChildren(box);
  };

  const unsay = (from) => document.querySelector(`#notices .from-${from}`)?.remove();
  const sender = (event) => {
    const source = event.detail.ctx?.sourceElement;
    return source?.matches?.("form") ? "person" : source?.hasAttribute?.("hx-sse:connect") ? "stream" : "page";
  };

  // Figures that nobody brings up to date any more say so, and what they would come to is not foretold.
  let heard = new Date();
  const age = (lost) => {
    const live = document.getElementById("live");
    const mark = live?.querySelector(".as-of");
    if (mark) mark.textContent = lost ? `As of ${heard.toLocaleTimeString("en-GB")}; no connection` : "";
    live?.classList.toggle("old", lost);
  };

  document.addEventListener("batchdesk:say", (event) => (event.detail ? say(event.detail, "person") : unsay("person")));
  document.addEventListener("htmx:sse:error", (event) => {
    say(event.detail.status === 401 ? ENDED : LOST, "stream");
    age(true);
  });
  document.addEventListener("htmx:sse:after:connection", () => {
    unsay("stream");
    age(false);
  });
  document.addEventListener("htmx:before:swap", (event) => { // after it, who asked may be gone
    heard = new Date();
    if (!(event.detail.ctx?.response?.status >= 400)) unsay(sender(event)); // what failed is "swapped" too, with nothing
  });
  document.addEventListener("htmx:error", (event) => say(LOST, sender(event)));
  document.addEventListener("htmx:response:error", (event) => {
    const status = event.detail.ctx?.response?.status;
    if (status !== 422) say(status === 401 || status === 403 ? ENDED : REFUSED, sender(event));
  });
})();
