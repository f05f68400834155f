// A live part of the page may carry data-title="25 % · Clean a list": the tab then tells how far it is.
(() => {
  const retitle = () => {
    const source = document.querySelector("[data-title]");
    if (source) document.title = `${source.dataset.title} · Batchdesk`;
  };

  document.addEventListener("DOMContentLoaded", retitle);
  document.addEventListener("htmx:after:swap", retitle);
})();
