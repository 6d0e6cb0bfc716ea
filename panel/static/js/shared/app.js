// What every page does, attached by data- attributes: questions before a step, buttons that work once, lists
// with boxes to tick, small things.

import "./htmx.js";
import { clean } from "./leaving.js";
import { ask, toast } from "./speak.js";

// --- forms -----------------------------------------------------------------------------------------

/** Forms whose question was answered with yes. */
const confirmed = new WeakSet();

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm || form.dataset.confirm;
  if (question && !confirmed.has(form)) {
    event.preventDefault();
    if (await ask(question)) {
      confirmed.add(form);
      form.requestSubmit(event.submitter);
    }
    return;
  }
  confirmed.delete(form);
  if ("once" in form.dataset && !event.defaultPrevented) {
    // After the browser has collected the values: a disabled button's value isn't sent.
    setTimeout(() => setBusy(form, true));
  }
  clean(form);
});

function setBusy(form, busy) {
  for (const button of form.querySelectorAll('button[type="submit"]')) {
    button.disabled = busy;
    button.classList.toggle("btn-loading", busy);
  }
}

// Coming back by the back button shows the page as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[data-once]")) setBusy(form, false);
});

document.addEventListener("change", (event) => {
  if ("submitOnChange" in event.target.dataset) event.target.form.requestSubmit();
});

// Empty filters stay out of the address.
document.addEventListener("submit", (event) => {
  if (!("filters" in event.target.dataset)) return;
  for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
});

// --- lists -----------------------------------------------------------------------------------------

function countChosen() {
  const bar = document.querySelector("form[data-bulk]");
  if (!bar) return;
  const boxes = [...document.querySelectorAll('input[name="rowid"][form="bulk"]')];
  const everything = bar.querySelector("[data-bulk-all]");
  const takesAll = everything?.checked ?? false;
  for (const box of boxes) box.disabled = takesAll;
  const chosen = takesAll ? Number(everything.dataset.bulkAll) : boxes.filter((box) => box.checked).length;
  const label = bar.querySelector("[data-bulk-count]");
  label.dataset.empty ??= label.textContent;
  label.textContent = chosen ? label.dataset.bulkCount.replace("{n}", chosen) : label.dataset.empty;
  for (const button of bar.querySelectorAll('button[type="submit"]')) button.disabled = !chosen;
  const all = document.querySelector("[data-check-all]");
  if (all) {
    all.disabled = takesAll;
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}
document.addEventListener("change", (event) => {
  if ("checkAll" in event.target.dataset) {
    for (const box of document.querySelectorAll('input[name="rowid"][form="bulk"]')) box.checked = event.target.checked;
  }
  if ("checkAll" in event.target.dataset || "bulkAll" in event.target.dataset || event.target.name === "rowid") countChosen();
});
window.addEventListener("pageshow", countChosen);

// --- small things ----------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const reveal = event.target.closest("[data-reveal]");
  if (reveal) {
    const field = document.getElementById(reveal.dataset.reveal);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    reveal.setAttribute("aria-pressed", String(!shown));
    reveal.querySelector(".ti")?.classList.replace(shown ? "ti-eye-off" : "ti-eye", shown ? "ti-eye" : "ti-eye-off");
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(document.querySelector(copy.dataset.copy)?.textContent.trim() ?? copy.dataset.copy);
    if (copy.dataset.copied) toast(copy.dataset.copied);
  }
  const insert = event.target.closest("[data-insert]");
  if (insert) put(insert.dataset.insert, document.getElementById(insert.dataset.into));
  if (event.target.closest("[data-print]")) window.print();
  const back = event.target.closest("[data-back]");
  if (back && history.length > 1) {
    // Going back keeps what was typed; following the link would load an empty form.
    event.preventDefault();
    history.back();
  }
});

/** Put `word` where the cursor of `field` is, unless the field is full. */
function put(word, field) {
  const { selectionStart: start, selectionEnd: end, maxLength } = field;
  if (maxLength >= 0 && field.value.length - (end - start) + word.length > maxLength) return;
  field.setRangeText(word, start, end, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.querySelector("[data-focus]")?.focus();

// On a narrow screen the menu of an area scrolls: show where we are.
const menu = document.querySelector(".ps-area-nav");
const here = menu?.querySelector(".active");
if (here) menu.scrollLeft = here.offsetLeft - (menu.clientWidth - here.clientWidth) / 2;
