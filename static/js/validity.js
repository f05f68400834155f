// What a text must look like is said in the words of its field, not in the browser's own.
document.addEventListener("invalid", ({ target }) => {
  if (target.validity.patternMismatch && target.title) target.setCustomValidity(target.title);
}, true);
document.addEventListener("input", ({ target }) => target.setCustomValidity?.(""));
