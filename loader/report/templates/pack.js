"use strict";
const form = document.getElementById("filters");
const controls = Array.from(document.querySelectorAll(".control"), (element) => ({
  element, rows: Array.from(element.querySelectorAll("tbody tr")), text: element.textContent.toLowerCase(),
}));

function chosen(name) {
  return new Set(Array.from(form.querySelectorAll(`input[name=${name}]:checked`), (box) => box.value));
}

function apply() {
  const verdicts = chosen("verdict"), severities = chosen("severity");
  const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { element, rows, text } of controls) {
    const fits = verdicts.has(element.dataset.verdict) && severities.has(element.dataset.severity)
      && words.every((word) => text.includes(word));
    element.hidden = !fits;
    if (!fits) continue;
    shown += 1;
    for (const row of rows) row.hidden = !verdicts.has(row.dataset.verdict);
  }
  for (const section of document.querySelectorAll("main section")) {
    section.hidden = !section.querySelector(".control:not([hidden])");
  }
  document.getElementById("shown").textContent = `${shown} of ${controls.length} controls`;
}

let waiting;
form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 100); });
form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
form.addEventListener("reset", () => setTimeout(apply));
document.getElementById("open-all").addEventListener("click", (event) => {
  const open = event.target.textContent === "Open all";
  for (const { element } of controls) if (!element.hidden) element.open = open;
  event.target.textContent = open ? "Close all" : "Open all";
});
window.addEventListener("beforeprint", () => {
  for (const { element } of controls) if (!element.hidden) element.open = true;
});
