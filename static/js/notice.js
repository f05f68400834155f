// Says so when a request or the live updates fail, and takes it back when they work again.
(() => {
  const LOST = "The connection was lost. This page keeps trying; nothing you did is undone.";
  const REFUSED = "That did not work. Reload the page and try again.";
  const ENDED = "You are no longer signed in, or may not see this. Reload the page.";

  // What the live updates say is taken back by them alone: one that comes in right after a request has failed would hide that.
  const say = (text, from) => {
    const place = document.getElementById("notices");
    if (!place || place.textContent.includes(text)) return;
    const box = document.createElement("div");
    box.className = `notice warn from-${from}`;
    box.textContent = text;
    place.replaceChildren(box);
  };

  const unsay = (from) => document.querySelector(`#notices .from-${from}`)?.remove();
  const sender = (event) => (event.detail.ctx?.sourceElement?.hasAttribute?.("hx-sse:connect") ? "stream" : "request");

  // Figures that nobody brings up to date any more say so, and what they would come to is not foretold.
  let heard = new Date();
  const age = (lost) => {
    const live = document.getElementById("live");
    const mark = live?.querySelector(".as-of");
    if (mark) mark.textContent = lost ? `As of ${heard.toLocaleTimeString("en-GB")}; no connection` : "";
    live?.classList.toggle("old", lost);
  };

  document.addEventListener("batchdesk:say", (event) => (event.detail ? say(event.detail, "request") : unsay("request")));
  document.addEventListener("htmx:sse:error", (event) => {
    say(event.detail.status === 401 ? ENDED : LOST, "stream");
    age(true);
  });
  document.addEventListener("htmx:sse:after:connection", () => {
    unsay("stream");
    age(false);
  });
  document.addEventListener("htmx:after:swap", (event) => {
    heard = new Date();
    if (!(event.detail.ctx?.response?.status >= 400)) unsay(sender(event)); // what failed is "swapped" too, with nothing
  });
  document.addEventListener("htmx:error", (event) => say(LOST, sender(event)));
  document.addEventListener("htmx:response:error", (event) => {
    const status = event.detail.ctx?.response?.status;
    if (status !== 422) say(status === 401 || status === 403 ? ENDED : REFUSED, sender(event));
  });
})();
