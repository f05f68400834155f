// Open menus and questions close on Escape, and menus on a press elsewhere.
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
    for (const menu of document.querySelectorAll(".menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
})();
