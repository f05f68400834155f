// After a refused form, the list of what needs changing comes first.
document.addEventListener("DOMContentLoaded", () => document.querySelector(".errors")?.focus());
