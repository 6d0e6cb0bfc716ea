// Photos of the pages of one document, on the page of attachments: chosen, put in order, turned, sent together.
// Without this file the form sends the photos as they were chosen.

import { guard } from "../shared/leaving.js";
import { asJpeg, drawn, isPicture, opened, shrunk } from "../shared/pictures.js";
import { post, reason } from "../shared/server.js";
import { announce, put, say } from "../shared/speak.js";

const MOST = 40;
const PREVIEW = 150; // pixels
const LARGE = 1.5 * 1024 * 1024; // above, a photo is made smaller before it is sent

class Joining {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=file]");
    this.list = form.querySelector("[data-join-pages]");
    this.note = form.querySelector("[data-join-note]");
    this.send = form.querySelector("[data-join-send]");
    this.pages = new Map(); // list item -> {file, bitmap, turn}
    form.classList.add("is-enhanced");
    this.input.addEventListener("change", () => this.take([...this.input.files]));
    form.addEventListener("submit", (event) => this.submit(event));
    if (window.Sortable) window.Sortable.create(this.list, { handle: "[data-handle]", animation: 150, onEnd: () => this.number() });
    guard(() => this.pages.size > 0);
    this.number();
  }

  async take(files) {
    this.input.value = "";
    for (const file of files) {
      if (this.pages.size >= MOST) {
        this.tell(say("join_most", { n: MOST }));
        break;
      }
      await this.add(file);
    }
    this.number();
  }

  async add(file) {
    const item = document.createElement("li");
    item.className = "join-page";
    const page = { file, bitmap: await opened(file), turn: 0 };
    this.pages.set(item, page);
    const place = document.createElement("span");
    place.className = "join-place";
    place.dataset.handle = "";
    const name = Object.assign(document.createElement("span"), { className: "join-name", textContent: file.name });
    const tools = document.createElement("span");
    tools.className = "join-tools";
    tools.append(
      this.button("join_up", "arrow-up", () => this.move(item, -1)),
      this.button("join_down", "arrow-down", () => this.move(item, 1)),
      this.button("join_left", "rotate-2", () => this.turn(item, 270)),
      this.button("join_right", "rotate-clockwise-2", () => this.turn(item, 90)),
      this.button("join_remove", "trash", () => this.remove(item)),
    );
    item.append(place, name, tools);
    this.list.append(item);
    this.show(item);
  }

  button(word, icon, click) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-icon btn-sm" });
    button.dataset.word = word;
    button.append(Object.assign(document.createElement("i"), { className: `ti ti-${icon}`, ariaHidden: "true" }));
    button.addEventListener("click", click);
    return button;
  }

  show(item) {
    const { bitmap, turn } = this.pages.get(item);
    const place = item.querySelector(".join-place");
    place.replaceChildren(bitmap ? drawn(bitmap, PREVIEW, turn) : document.createTextNode("HEIC"));
    place.firstChild.ariaHidden = "true";
  }

  /** Buttons say which photo they are for; the ends of the list can't be moved further. */
  number() {
    const items = [...this.list.children];
    items.forEach((item, index) => {
      for (const button of item.querySelectorAll("button")) {
        const text = say(button.dataset.word, { n: index + 1 });
        button.setAttribute("aria-label", text);
        button.title = text;
        const isEnd = (button.dataset.word === "join_up" && !index) || (button.dataset.word === "join_down" && index === items.length - 1);
        button.disabled = isEnd;
      }
    });
    this.send.disabled = !items.length;
    this.list.hidden = !items.length;
  }

  move(item, by) {
    const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (by < 0) other.before(item);
    else other.after(item);
    this.number();
    const [up, down] = item.querySelectorAll("button");
    const again = by < 0 ? up : down;
    (again.disabled ? (by < 0 ? down : up) : again).focus();
    announce(say("join_moved", { n: [...this.list.children].indexOf(item) + 1 }));
  }

  turn(item, by) {
    const page = this.pages.get(item);
    page.turn = (page.turn + by) % 360;
    this.show(item);
    announce(say("join_turned", { n: [...this.list.children].indexOf(item) + 1, degrees: page.turn }));
  }

  remove(item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    this.pages.get(item).bitmap?.close();
    this.pages.delete(item);
    item.remove();
    this.number();
    (next?.querySelector("button:last-of-type") ?? this.input).focus();
  }

  async submit(event) {
    event.preventDefault();
    if (!this.pages.size || this.isSending) return;
    this.isSending = true;
    this.send.disabled = true;
    try {
      const body = new FormData(this.form);
      body.delete("photo");
      let bytes = 0;
      for (const [index, item] of [...this.list.children].entries()) {
        this.tell(say("join_preparing", { n: index + 1, all: this.pages.size }));
        const { file, bitmap, turn } = this.pages.get(item);
        const isLarge = file.size > LARGE && bitmap && isPicture(file);
        const small = isLarge ? await shrunk(bitmap, LARGE) : null;
        body.append("photo", small ?? file, small ? asJpeg(file.name) : file.name);
        body.append("turn", String(turn));
        bytes += (small ?? file).size;
      }
      if (bytes > Number(this.form.dataset.maxSent)) {
        this.tell(say("join_too_large"));
        return;
      }
      const progress = (share) => this.tell(share < 1 ? `${Math.round(share * 100)}%` : say("join_joining"));
      this.done(await post(this.form.action, body, { progress }));
    } catch (error) {
      this.tell(reason(error, "upload"));
    } finally {
      this.isSending = false;
      this.number();
    }
  }

  done(answer) {
    for (const { bitmap } of this.pages.values()) bitmap?.close();
    this.pages.clear();
    this.list.replaceChildren();
    this.form.reset();
    this.form.closest("details").open = false;
    this.tell("");
    const place = document.querySelector(this.form.dataset.target);
    place.innerHTML = answer.html;
    put(answer.parts);
    announce(answer.message);
    place.querySelector(".is-pending .btn")?.focus();
    document.dispatchEvent(new CustomEvent("pingshen:uploaded", { detail: answer }));
  }

  tell(text) {
    this.note.textContent = text;
  }
}

for (const form of document.querySelectorAll("form[data-join]")) new Joining(form);

