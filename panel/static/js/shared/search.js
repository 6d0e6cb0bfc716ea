// Quick search, for every page of those who may search: Ctrl-K or / opens a dialog; arrows choose, Enter opens.

import { SignedOut, get, recovered } from "./server.js";

const PAUSE = 150;

class QuickSearch {
  constructor(dialog) {
    this.dialog = dialog;
    this.input = dialog.querySelector("#ps-search-text");
    this.list = dialog.querySelector("#ps-search-list");
    this.note = dialog.querySelector("#ps-search-note");
    this.hint = this.note.textContent;
    this.chosen = -1;
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => this.open(event.target.closest("[data-url]")));
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
  }

  show() {
    if (this.dialog.open) return;
    this.dialog.showModal();
    this.input.select();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    this.running?.abort();
    const typed = this.input.value.trim();
    if (!typed) return this.fill([], this.hint);
    const running = new AbortController();
    this.running = running;
    const url = `${this.dialog.dataset.url}?q=${encodeURIComponent(typed)}`;
    try {
      const { hits, more } = await get(url, { signal: running.signal });
      const words = this.dialog.dataset;
      const text = !hits.length ? words.none : (more ? words.more : words.found).replace("{n}", hits.length);
      this.fill(hits, text);
    } catch (error) {
      if (error instanceof SignedOut) {
        this.dialog.close(); // the bar that offers signing in is behind it
        await recovered(error);
        this.show();
        this.later();
      } else if (error.name !== "AbortError") this.fill([], this.dialog.dataset.failed);
    }
  }

  fill(hits, text) {
    this.list.replaceChildren(...hits.map((hit, place) => this.row(hit, place)));
    this.input.setAttribute("aria-expanded", String(hits.length > 0));
    this.note.textContent = text;
    this.choose(hits.length ? 0 : -1);
  }

  row(hit, place) {
    const row = document.createElement("li");
    row.id = `ps-search-${place}`;
    row.setAttribute("role", "option");
    row.dataset.url = hit.url;
    for (const [name, kind] of [["name", "strong"], ["state", "span"], ["about", "small"]]) {
      const part = document.createElement(kind);
      part.className = `ps-search-${name}`;
      part.textContent = hit[name];
      row.append(part);
    }
    return row;
  }

  choose(place) {
    this.chosen = place;
    [...this.list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === place)));
    const row = this.list.children[place];
    if (row) {
      this.input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  key(event) {
    const count = this.list.children.length;
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (count) this.choose((this.chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.open(this.list.children[this.chosen]);
    }
  }

  open(row) {
    if (row) location.assign(row.dataset.url);
  }
}

const dialog = document.getElementById("ps-search");
if (dialog) {
  const search = new QuickSearch(dialog);
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    const withKey = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
    const withSlash = event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
    if ((!withKey && !withSlash) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    search.show();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-search-open]")) return;
    event.preventDefault();
    search.show();
  });
}
