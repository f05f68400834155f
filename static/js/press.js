// A press of a button reaches the desk, or leaves the page as it is and says so: never an error page of the browser's.
(() => {
  const AWAY = "The desk does not answer; nothing was changed. Try again.";
  const UNSURE = "The desk did not answer. Reload the page to see whether it was done.";
  const REFUSED = "That did not work. Reload the page and try again.";
  const PRESSES = ".press, .confirm-box, .priority"; // these hold nothing that was typed
  const MEMORY = "batchdesk pressed";
  const checked = new WeakSet(); // forms of which is known that the desk is there to take them
  let pressed = false;
  let placed = null; // where the focus was put last: it goes on from there, unless somebody moves it

  const parse = (text) => new DOMParser().parseFromString(text, "text/html");
  const watched = (page) => Boolean(page.querySelector("#live-stream")?.hasAttribute("hx-sse:connect"));
  const tell = (text) => document.dispatchEvent(new CustomEvent("batchdesk:say", { detail: text }));

  // Whoever pressed a button that is gone by now goes on at the next one.
  const refocus = () => {
    const hero = document.querySelector("#live .hero");
    if (![null, document.body, placed].includes(document.activeElement)) return;
    const next = [...(hero?.querySelectorAll(".actions :is(button, summary, a)") ?? [])].find((each) => each.offsetParent);
    if (hero && !next) hero.tabIndex = -1;
    placed = next ?? hero;
    placed?.focus({ preventScroll: true });
  };

  const send = async (form, button) => {
    const body = new URLSearchParams(new FormData(form, button));
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, keepalive: true });
    const page = parse(await answer.text());
    if (!answer.ok) return tell(page.querySelector(".error-page .lead")?.textContent ?? REFUSED);
    for (const open of [form.closest(".confirm"), form.closest(".menu")]) if (open) open.open = false;
    const stays = new URL(answer.url).pathname === location.pathname;
    if (stays && watched(page) && watched(document)) return tell(""); // what has changed comes by itself
    if (stays) sessionStorage.setItem(MEMORY, String(scrollY));
    location.assign(answer.url);
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.dataset.upload || form.hasAttribute("hx-post")) return;
    if (checked.delete(form)) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    pressed = true;
    let sent = false; // what is sent may arrive, though no answer comes back
    try {
      await fetch("/healthz");
      sent = form.matches(PRESSES);
      if (sent) await send(form, event.submitter);
      else {
        checked.add(form);
        form.requestSubmit(event.submitter);
      }
    } catch {
      tell(sent ? UNSURE : AWAY);
    } finally {
      delete form.dataset.busy;
    }
  });

  document.addEventListener("htmx:after:swap", () => pressed && refocus());
  document.addEventListener("pointerdown", () => (pressed = false));
  document.addEventListener("DOMContentLoaded", () => {
    const top = sessionStorage.getItem(MEMORY);
    if (top === null) return;
    sessionStorage.removeItem(MEMORY);
    scrollTo(0, Number(top));
    pressed = true;
    refocus();
  });
})();
