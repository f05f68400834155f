// After a refused form, the list of what needs changing comes first.
document.addEventListener("DOMContentLoaded", () => document.querySelector(".errors")?.focus());

// After a change of how a file is read, whoever pressed a button that is gone by now goes on at the file.
document.addEventListener("htmx:after:swap", (event) => {
  const changed = event.detail.ctx?.target?.id === "prepare";
  if (changed && document.activeElement === document.body) document.getElementById("file-title")?.focus({ preventScroll: true });
});
