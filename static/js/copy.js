// Buttons with data-copy="<id>" copy that element's text. They stay hidden where a script cannot do it.
(() => {
  if (!navigator.clipboard) return;

  const reveal = () => {
    for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    const label = button.querySelector("span");
    const before = label.textContent;
    await navigator.clipboard.writeText(source.innerText.trim());
    label.textContent = "Copied";
    setTimeout(() => (label.textContent = before), 2000);
  };

  document.addEventListener("DOMContentLoaded", reveal);
  document.addEventListener("htmx:after:swap", reveal);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });
})();
