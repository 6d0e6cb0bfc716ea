// HR's editor of rounds: drag to order, the properties form beside the picture, options.

import { clean, guard, isTyped, mark } from "../shared/leaving.js";
import { Refusal, patiently, post } from "../shared/server.js";
import { ask } from "../shared/speak.js";

function rowsOf(list) {
  return [...list.children].filter((row) => row.dataset.path);
}

// One after the other: of two steps of one row the later must not arrive first.
let waiting = Promise.resolve();
let untold = 0;
guard(() => untold > 0);

function store(list, row) {
  untold += 1;
  waiting = waiting.then(() => tell(list, row));
}

// Tell the server where the row stands now; refused: show what the server has.
async function tell(list, row) {
  const body = new FormData();
  body.set("path", row.dataset.path);
  const rows = rowsOf(list);
  body.set("behind", rows[rows.indexOf(row) - 1]?.dataset.id ?? "");
  const answer = await patiently(() => post(list.dataset.sort, body)).catch((error) => error);
  untold -= 1;
  if (answer instanceof Refusal) window.location.reload();
  else if (answer instanceof Error) throw answer;
  else moved(list, row, answer.revision);
}

// Undo takes back this step now, the first row goes no further up, and a screen reader says the place.
function moved(list, row, revision) {
  const undo = document.querySelector("[data-undo]");
  undo.elements.revision.value = revision;
  undo.hidden = false;
  document.querySelector("[data-redo]").hidden = true;
  const rows = rowsOf(list);
  rows.forEach((one, place) => {
    one.querySelector("[value=up]").disabled = place === 0;
    one.querySelector("[value=down]").disabled = place === rows.length - 1;
  });
  const said = document.querySelector("[data-moved]");
  said.textContent = said.dataset.moved
    .replace("{n}", rows.indexOf(row) + 1)
    .replace("{total}", rows.length);
}

function step(row, up) {
  const list = row.closest("[data-sort]");
  const rows = rowsOf(list);
  const other = rows[rows.indexOf(row) + (up ? -1 : 1)];
  if (!other) return;
  if (up) other.before(row);
  else other.after(row);
  store(list, row);
}

function sortable(list) {
  if (!window.Sortable || list.dataset.ready) return;
  list.dataset.ready = "1";
  window.Sortable.create(list, {
    handle: "[data-handle]",
    draggable: "[data-path]",
    animation: 150,
    onEnd: (event) => event.oldIndex !== event.newIndex && store(list, event.item),
  });
}

// The row whose properties are open is marked; on a narrow screen the form is gone to, it stands below.
function opened(isNew) {
  const sheet = document.querySelector("[data-sheet]");
  if (!sheet) return;
  document.querySelectorAll(".is-open").forEach((row) => row.classList.remove("is-open"));
  const path = sheet.elements.path.value;
  const row = path && document.getElementById(`row-${path.replaceAll("/", "-")}`);
  if (row) row.classList.add("is-open");
  const title = sheet.querySelector("[data-sheet-title]");
  const wrong = sheet.querySelector(".is-wrong");
  if (!wrong) title.focus({ preventScroll: true });
  if (window.matchMedia("(max-width: 991px)").matches) (wrong ?? title).scrollIntoView({ block: "start" });
  else {
    if (isNew && row) row.scrollIntoView({ block: "center" });
    wrong?.scrollIntoView({ block: "center" });
  }
}

// --- what was typed into the form is not lost by opening another row --------------------------------

const sheetNow = () => document.querySelector("[data-sheet]");

document.addEventListener("htmx:confirm", async (event) => {
  const sheet = sheetNow();
  if (!sheet || sheet.contains(event.detail.elt) || event.detail.target?.id !== "re-panel") return;
  if (!isTyped(sheet)) return;
  event.preventDefault();
  if (await ask(sheet.dataset.leave)) event.detail.issueRequest(true);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const sheet = sheetNow();
  if (event.detail.target.id === "re-panel" && sheet) clean(sheet);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-cancel]")) clean(sheetNow());
});

function ready() {
  document.querySelectorAll("[data-sort]").forEach(sortable);
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "re-panel") return;
  event.target.scrollTop = 0;
  opened(false);
  const sheet = sheetNow();
  // drawn anew with what was typed: still not saved
  if (event.detail.requestConfig?.verb === "post" && sheet) mark(sheet);
});

// Rows move by arrow keys on their handle, and by their buttons without loading the page anew.
document.addEventListener("keydown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (handle && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    step(handle.closest("[data-path]"), event.key === "ArrowUp");
    handle.focus();
    return;
  }
  const isTyping = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select");
  if (isTyping || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  const form = document.querySelector(event.shiftKey ? "[data-redo]" : "[data-undo]");
  if (!form || form.hidden) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  const row = button?.name === "step" && button.closest("[data-path]");
  if (!row || !row.closest("[data-sort]")) return;
  event.preventDefault();
  step(row, button.value === "up");
  // what can't go on has no focus any more
  (button.disabled ? row.querySelector("[data-handle]") : button).focus();
}, true);

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-option-add]");
  if (add) {
    const rows = add.closest("[data-options]").querySelector("[data-option-rows]");
    const copy = rows.lastElementChild.cloneNode(true);
    copy.querySelectorAll("input").forEach((input) => (input.value = ""));
    rows.append(copy);
    copy.querySelector("input:not([type=hidden])").focus();
  }
});

// What can be chosen further down depends on these: the form is drawn anew with what is typed.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-redraw]")) return;
  const form = event.target.closest("form");
  window.htmx.ajax("POST", form.action, {
    source: form,
    target: "#re-panel",
    values: { ...Object.fromEntries(grouped(new FormData(form))), redraw: "1" },
  });
});

function grouped(data) {
  const found = new Map();
  for (const [name, value] of data) found.set(name, [...(found.get(name) ?? []), value]);
  return found;
}

ready();
opened(true);
document.querySelectorAll("[data-sheet][data-typed]").forEach(mark); // refused with what was typed
window.addEventListener("load", ready);
