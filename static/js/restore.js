// A choice that did not reach the desk is not in force: its form shows again what is.
(() => {
  const restore = (event) => {
    const { sourceElement: form, target, response } = event.detail.ctx ?? {};
    if (target?.id !== "prepare" || response?.status === 422) return;
    HTMLFormElement.prototype.reset.call(form); // a button named "reset" hides the form's own
  };
  document.addEventListener("htmx:error", restore);
  document.addEventListener("htmx:response:error", restore);
})();
