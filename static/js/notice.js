// Says so when a request or the live updates fail, and takes it back when they work again.
(() => {
  const LOST = "The connection was lost. This page keeps trying; nothing you did is undone.";
  const REFUSED = "That did not work. Reload the page and try again.";
  const ENDED = "You are no longer signed in, or may not see this. Reload the page.";

  const say = (text) => {
    const place = document.getElementById("notices");
    if (!place || place.textContent.includes(text)) return;
    const box = document.createElement("div");
    box.className = "notice warn said";
    box.textContent = text;
    place.replaceChildren(box);
  };

  const unsay = () => document.querySelector("#notices .said")?.remove();

  document.addEventListener("htmx:sse:error", (event) => say(event.detail.status === 401 ? ENDED : LOST));
  document.addEventListener("htmx:sse:after:connection", unsay);
  document.addEventListener("htmx:after:swap", unsay);
  document.addEventListener("htmx:error", () => say(LOST));
  document.addEventListener("htmx:response:error", (event) => {
    const status = event.detail.ctx?.response?.status;
    if (status !== 422) say(status === 401 || status === 403 ? ENDED : REFUSED);
  });
})();
