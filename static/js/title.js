// The live part of a job's page carries data-title="25 % · Clean a list": the tab then tells how far it is. Nothing else does.
(() => {
  const retitle = () => {
    const source = document.querySelector("#live [data-title]");
    if (source) document.title = `${source.dataset.title} · Batchdesk`;
  };

  document.addEventListener("DOMContentLoaded", retitle);
  document.addEventListener("htmx:after:swap", retitle);
})();
