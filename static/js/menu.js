// Open menus and questions close on Escape and on a press elsewhere, and questions on their own no.
(() => {
  const close = (details) => {
    details.open = false;
    details.querySelector("summary").focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.activeElement?.closest(".menu[open], .confirm[open]");
    if (open) close(open);
  });

  document.addEventListener("click", (event) => {
    const no = event.target.closest("[data-close]");
    if (no) return close(no.closest("details"));
    for (const open of document.querySelectorAll(".menu[open], .confirm[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });
})();
