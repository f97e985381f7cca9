"use strict";
const PAGE = 100; // rows that are shown at once
const SHORT = 6; // rows of a table that stays on one page of paper
const form = document.getElementById("filters");
const openAll = document.getElementById("open-all");

// A control's rows wait in its template; `fitting` are those that the filters let through, `drawn` how many are shown.
const controls = Array.from(document.querySelectorAll(".control"), (element) => {
  const template = element.querySelector("template");
  const rows = template
    ? Array.from(template.content.querySelectorAll("tr"), (row) => ({
        row, verdict: row.dataset.verdict, name: row.dataset.name, text: row.textContent.toLowerCase(),
      }))
    : [];
  return {
    element, rows, fitting: rows, drawn: 0, text: element.textContent.toLowerCase(),
    body: element.querySelector("tbody"), caption: element.querySelector("caption"),
    more: element.querySelector(".show-more"), passing: element.querySelector(".passing"),
  };
});

function chosen(name) {
  return new Set(Array.from(form.querySelectorAll(`input[name=${name}]:checked`), (box) => box.value));
}

function draw(control, upTo) {
  if (!control.body) return;
  const next = control.fitting.slice(control.drawn, upTo);
  control.body.append(...next.map((one) => one.row));
  control.drawn += next.length;
  const left = control.fitting.length - control.drawn;
  const hidden = control.rows.length - control.fitting.length;
  control.caption.textContent = `${control.drawn} of ${control.fitting.length} resources`
    + (hidden ? `; ${hidden} more do not fit the filter` : "");
  control.more.hidden = left === 0;
  control.more.textContent = `Show ${Math.min(PAGE, left)} more of ${left}`;
}

function redraw(control) {
  if (!control.body) return;
  control.body.replaceChildren();
  control.drawn = 0;
  if (control.element.open) draw(control, PAGE);
}

// A control fits by its own words, then all its rows of the chosen verdicts are shown; or by those of some of its rows.
function apply() {
  const verdicts = chosen("verdict"), severities = chosen("severity");
  const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const control of controls) {
    const itself = words.every((word) => control.text.includes(word));
    control.fitting = control.rows.filter((one) => verdicts.has(one.verdict)
      && (itself || words.every((word) => one.text.includes(word) || control.text.includes(word))));
    const fits = verdicts.has(control.element.dataset.verdict) && severities.has(control.element.dataset.severity)
      && (itself || control.fitting.length > 0);
    control.element.hidden = !fits;
    shown += fits;
    redraw(control);
  }
  hideEmpty();
  document.getElementById("shown").textContent = `${shown} of ${controls.length} controls`;
}

// A chapter stays while any of the sections below it has something to show.
function hideEmpty() {
  let chapter = null;
  for (const section of document.querySelectorAll(".section")) {
    if (section.classList.contains("level-3")) chapter = section;
    section.hidden = !section.querySelector(".control:not([hidden])");
    if (chapter && !section.hidden) chapter.hidden = false;
  }
}

let waiting;
form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 150); });
form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
form.addEventListener("reset", () => setTimeout(apply));

for (const control of controls) {
  control.element.addEventListener("toggle", () => {
    if (control.element.open && control.drawn === 0) draw(control, PAGE);
  });
  control.more?.addEventListener("click", () => {
    const first = control.drawn;
    draw(control, control.drawn + PAGE);
    // The button goes with the last row; the keyboard's place must not go with it.
    if (control.more.hidden) control.element.querySelector(".scroll").focus();
    else control.more.focus();
    control.fitting[first]?.row.scrollIntoView({ block: "nearest" });
  });
}

openAll.addEventListener("click", () => {
  const open = openAll.textContent === "Open all";
  for (const { element } of controls) if (!element.hidden) element.open = open;
  openAll.textContent = open ? "Close all" : "Open all";
});

// A link from the overview opens the control it leads to, and drops filters that hide it.
function follow() {
  const element = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!element?.matches(".control")) return;
  if (element.hidden) { form.reset(); setTimeout(() => element.scrollIntoView()); }
  element.open = true;
  element.querySelector("summary").focus();
}
window.addEventListener("hashchange", follow);
follow();

// Paper has no buttons: all that the filters let through is printed, what passes as a list of names.
let closed = [];
function unfold() {
  closed = Array.from(document.querySelectorAll("details:not([open])"));
  for (const element of closed) element.open = true;
  for (const control of controls) {
    if (control.element.hidden || !control.body) continue;
    const passing = control.fitting.filter((one) => one.verdict === "pass");
    const others = control.fitting.filter((one) => one.verdict !== "pass");
    control.body.replaceChildren(...others.map((one) => one.row));
    const table = control.body.parentElement;
    table.hidden = others.length === 0;
    table.classList.toggle("short", others.length < SHORT); // is not parted by the end of a page
    control.caption.textContent = "";
    const names = [...new Set(passing.map((one) => one.name))];
    control.passing.textContent = names.length ? `Pass (${names.length}): ${names.join(", ")}` : "";
  }
}
function fold() {
  for (const element of closed) element.open = false;
  closed = [];
  for (const control of controls) {
    if (!control.body) continue;
    control.body.parentElement.hidden = false;
    control.passing.textContent = "";
    redraw(control);
  }
}
window.addEventListener("beforeprint", unfold);
window.addEventListener("afterprint", fold);
