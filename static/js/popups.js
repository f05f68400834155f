// Messages that the browser shows itself, once each, however many pages of the desk are open.
(() => {
  const SEEN = "batchdesk-seen";
  const ASKED = "batchdesk-asked";
  const WORDS = {
    granted: "This browser shows them, while a page of the desk is open in it.",
    denied: "This browser was told to show none. Allow them for this desk in its settings, beside the address.",
    default: "This browser shows none yet: it has to ask you first.",
    none: "This browser shows none here. Most do so over https only.",
  };

  const state = () => (window.isSecureContext && "Notification" in window ? Notification.permission : "none");

  const show = ({ popup, title, text, url }) => {
    try {
      const shown = new Notification(title, { body: text, tag: popup, icon: "/static/favicon.svg" });
      shown.onclick = () => {
        window.focus();
        location.assign(url);
      };
    } catch {
      // some phones want a service worker for it: the number beside the inbox says it as well
    }
  };

  const look = () => {
    const found = [...document.querySelectorAll("[data-popup]")].map((each) => each.dataset);
    if (!found.length) return;
    const seen = localStorage.getItem(SEEN);
    if (found[0].popup <= seen) return;
    localStorage.setItem(SEEN, found[0].popup);
    if (seen && state() === "granted") found.filter((each) => each.popup > seen).reverse().forEach(show);
  };

  // A page that nobody sees has no stream; one of them asks now and then.
  const ask = () => {
    if (!document.hidden || state() !== "granted" || Date.now() - localStorage.getItem(ASKED) < 9000) return;
    localStorage.setItem(ASKED, Date.now());
    htmx.ajax("GET", "/inbox/badge", { target: "#badge", swap: "innerMorph" });
  };

  const offer = () => {
    const button = document.querySelector("[data-popups]");
    if (!button) return;
    document.querySelector("[data-popups-said]").textContent = WORDS[state()];
    button.hidden = state() !== "default";
  };

  document.addEventListener("DOMContentLoaded", () => {
    localStorage.getItem(SEEN) ?? localStorage.setItem(SEEN, "0");
    if (document.getElementById("badge")) setInterval(ask, 10000);
    offer();
    look();
  });
  document.addEventListener("htmx:after:swap", look);
  document.addEventListener("click", async (event) => {
    if (!event.target.closest("[data-popups]")) return;
    await Notification.requestPermission();
    offer();
  });
})();
