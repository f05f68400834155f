// Fields that are asked only if others have certain values are shown and hidden as these change.
(() => {
  const CONTROLS = "input, select, textarea";

  const valueOf = (form, name) => {
    const all = [...form.elements].filter((control) => control.name === name && control.type !== "hidden");
    const control = all.find((each) => each.type !== "radio" || each.checked);
    if (!control || control.disabled) return null;
    return control.type === "checkbox" ? String(control.checked) : control.value;
  };

  const settle = () => {
    for (const part of document.querySelectorAll("[data-only-if]")) {
      const controls = [...part.querySelectorAll(CONTROLS)];
      const form = controls[0]?.form;
      if (!form) continue;
      const watched = Object.entries(JSON.parse(part.dataset.onlyIf));
      part.querySelector(".condition").hidden = true;
      part.hidden = !watched.every(([name, wanted]) => wanted.includes(valueOf(form, name)));
      for (const control of controls) control.disabled = part.hidden;
    }
  };

  for (const event of ["DOMContentLoaded", "htmx:after:swap", "change", "input"]) {
    document.addEventListener(event, settle);
  }
  window.addEventListener("pageshow", settle);
})();
