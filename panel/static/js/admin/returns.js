// Gathers the items of a return by clicks and keeps them until they are sent, on HR's page of a case.

import { toast } from "../shared/speak.js";
import { read, write } from "../shared/store.js";

class ReturnEditor {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector("[data-return-list]");
    this.template = root.querySelector("[data-return-template]");
    this.key = `${root.dataset.store}:${root.dataset.user}`;
    // What the server refused came back with the page and is newer than what the browser kept.
    if (!("failed" in root.dataset)) this.restore();
    root.addEventListener("input", () => this.keep());
    root.addEventListener("click", (event) => {
      const remove = event.target.closest("[data-remove-item]");
      if (remove) this.remove(remove.closest("li"));
    });
    this.show();
  }

  get rows() {
    return [...this.list.children].map((row) => ({
      section: row.querySelector('[name="item_section"]').value,
      entry: row.querySelector('[name="item_entry"]').value,
      field: row.querySelector('[name="item_field"]').value,
      place: row.querySelector("[data-place]").textContent.trim(),
      text: row.querySelector("textarea").value,
    }));
  }

  /** Add an item, or go to the one that is pinned to the same place already. */
  add(item, focus = true) {
    const known = this.rows.findIndex((row) => row.section === item.section && row.entry === item.entry && row.field === item.field);
    if (known >= 0 && item.section) {
      this.take(this.list.children[known].querySelector("textarea"), item.text);
      if (focus) this.goTo(this.list.children[known]);
      return;
    }
    const row = this.template.content.firstElementChild.cloneNode(true);
    for (const part of ["section", "entry", "field"]) row.querySelector(`[name="item_${part}"]`).value = item[part];
    const place = row.querySelector("[data-place]");
    place.textContent = item.place;
    place.href = item.entry ? `#item-${item.entry}` : item.section ? `#section-${item.section}` : "#content-of-case";
    row.querySelector("textarea").value = item.text ?? "";
    this.list.append(row);
    this.keep();
    this.show();
    if (focus) this.goTo(row);
  }

  /** A second demand about one place is a further line of its item. */
  take(area, text) {
    if (!text || area.value.includes(text)) return;
    area.value = area.value ? `${area.value}\n${text}` : text;
    this.keep();
  }

  /** Beside the content the item is at hand; below it (on a phone) the place being read isn't left. */
  goTo(row) {
    if (matchMedia("(min-width: 75rem)").matches) {
      row.querySelector("textarea").focus({ preventScroll: true });
      row.scrollIntoView({ block: "nearest" });
    } else {
      toast(this.root.dataset.added);
    }
  }

  remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.keep();
    this.show();
    (next?.querySelector("textarea") ?? this.root.querySelector("[data-ask]")).focus();
  }

  show() {
    const count = this.list.children.length;
    for (const number of document.querySelectorAll("[data-return-count]")) number.textContent = count;
    document.querySelector("[data-return-pill]").hidden = count === 0;
    this.root.querySelector("[data-return-none]").hidden = count > 0;
    this.root.querySelector("[data-return-send]").disabled = count === 0;
  }

  keep() {
    if (this.list.children.length) write(localStorage, this.key, this.rows);
    else localStorage.removeItem(this.key);
  }

  restore() {
    for (const item of read(localStorage, this.key) ?? []) this.add(item, false);
  }
}

const editor = document.querySelector("[data-return-editor]");
const returns = editor ? new ReturnEditor(editor) : null;

document.addEventListener("click", (event) => {
  const ask = event.target.closest("[data-ask]");
  if (!ask || !returns) return;
  const { section, entry, field, place } = ask.dataset;
  const head = ask.closest("[data-place-head]")?.dataset.placeHead;
  returns.add({ section, entry, field, place: head && head !== place ? `${head} › ${place}` : place });
});

// All that must be put right becomes items of the return at one click; what stands there already stays.
document.addEventListener("click", (event) => {
  const all = event.target.closest("[data-ask-all]");
  if (!all || !returns) return;
  for (const row of document.querySelectorAll(all.dataset.askAll)) {
    const { section, entry, field, text } = row.dataset;
    const place = row.querySelector("[data-finding-place]").textContent.trim();
    returns.add({ section, entry, field, place, text }, false);
  }
  if (returns.list.lastElementChild) returns.goTo(returns.list.lastElementChild);
});
