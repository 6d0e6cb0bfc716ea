// The editor of rounds: drag to order, the properties form beside the picture, options, places in texts.

function sortable(list) {
  if (!window.Sortable || list.dataset.ready) return;
  list.dataset.ready = "1";
  window.Sortable.create(list, {
    handle: "[data-handle]",
    draggable: "[data-path]",
    animation: 150,
    onEnd: async (event) => {
      if (event.oldIndex === event.newIndex) return;
      const body = new FormData();
      body.set("path", event.item.dataset.path);
      body.set("behind", event.item.previousElementSibling?.dataset.id ?? "");
      const headers = { "X-CSRFToken": document.body.dataset.csrf, "X-Requested-With": "fetch" };
      const answer = await fetch(list.dataset.sort, { method: "POST", body, headers }).catch(() => null);
      // Refused or offline: show what the server has.
      if (!answer?.ok) window.location.reload();
    },
  });
}

function ready() {
  document.querySelectorAll("[data-sort]").forEach(sortable);
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "re-panel") return;
  const title = event.target.querySelector("[data-sheet-title]");
  title?.focus({ preventScroll: true });
  event.target.scrollTop = 0;
  if (window.matchMedia("(max-width: 991px)").matches) title?.scrollIntoView({ block: "start" });
});

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-option-add]");
  if (add) {
    const rows = add.closest("[data-options]").querySelector("[data-option-rows]");
    const copy = rows.lastElementChild.cloneNode(true);
    copy.querySelectorAll("input").forEach((input) => (input.value = ""));
    rows.append(copy);
    copy.querySelector("input:not([type=hidden])").focus();
  }
  const insert = event.target.closest("[data-insert]");
  if (insert) {
    const into = document.getElementById(insert.dataset.into);
    into.setRangeText(insert.dataset.insert, into.selectionStart, into.selectionEnd, "end");
    into.focus();
  }
});

// What can be chosen further down depends on these: the form is drawn anew with what is typed.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-redraw]")) return;
  const form = event.target.closest("form");
  window.htmx.ajax("POST", form.action, {
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
window.addEventListener("load", ready);
