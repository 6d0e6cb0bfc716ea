// Saves a form of an application as the person types, on the pages of its sections, entries and attachments;
// without this file the form is an ordinary one with a save button.
//
// A form[data-autosave] posts itself as JSON. What the server does not have yet is kept by drafts.js, so that a
// lost network, an expired session or a closed tab loses nothing. A second tab's change is merged field by
// field; only when both changed the same field does the person choose.

import * as drafts from "./drafts.js";
import { guard } from "../shared/leaving.js";
import { Offline, Refusal, SignedOut, post } from "../shared/server.js";
import { announce, put, say, signInUrl } from "../shared/speak.js";
import { clock, fill, same, valuesOf } from "./values.js";

const PAUSE = 700; // ms after the last key
const RETRY = 5000; // ms between attempts while the server is out of reach

class Autosave {
  constructor(form) {
    this.form = form;
    this.path = new URL(form.action).pathname + new URL(form.action).search;
    this.sensitive = (form.dataset.sensitive ?? "").split(" ").filter(Boolean);
    this.base = valuesOf(form);
    this.touched = new Set();
    this.canonical = {};
    this.isSaving = false;
    this.isStopped = false; // both sides changed the same field, or the form is closed: the person decides
    this.isKept = true;
    this.listen();
    this.restore();
  }

  listen() {
    this.form.addEventListener("input", (event) => this.changed(event, PAUSE));
    this.form.addEventListener("change", (event) => this.changed(event, 50));
    this.form.addEventListener("focusout", (event) => this.tidy(event.target.name));
    this.form.addEventListener("submit", (event) => this.submit(event));
    guard(() => this.isDirty() && !this.isLeaving);
    window.addEventListener("pagehide", () => this.keep());
    window.addEventListener("online", () => this.save());
    window.addEventListener("focus", () => this.isWaiting && this.save());
  }

  get version() {
    return this.form.elements.version.value;
  }

  set version(value) {
    this.form.elements.version.value = value;
  }

  isDirty() {
    const now = valuesOf(this.form);
    return Object.keys(now).some((name) => !same(now[name], this.base[name]));
  }

  changed(event, pause) {
    if (event.target.type === "file") return;
    this.touched.add(event.target.name);
    this.keep();
    if (!this.isWaiting && !this.isStopped) this.status("typing");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  keep() {
    if (!this.isDirty()) {
      drafts.forget(this.path);
      return;
    }
    const draft = {
      values: valuesOf(this.form),
      base: this.base,
      version: this.version,
      title: this.form.dataset.title ?? document.title,
      // The identity of a new entry: if the save arrived and only its answer got lost, it is not added again.
      token: this.form.elements.new_uid?.value,
    };
    this.isKept = drafts.keep(this.path, draft, this.sensitive);
  }

  /** Put back what an earlier visit could not save. */
  restore() {
    const draft = drafts.kept(this.path);
    if (!draft) return;
    const here = valuesOf(this.form);
    const lost = Object.keys(draft.values).filter(
      (name) => name in here && !same(draft.values[name], draft.base[name]) && !same(draft.values[name], here[name]),
    );
    if (!lost.length) {
      drafts.forget(this.path);
      return;
    }
    if (draft.token && this.form.elements.new_uid) this.form.elements.new_uid.value = draft.token;
    for (const name of lost) {
      fill(this.form, name, draft.values[name]);
      this.touched.add(name);
    }
    if (draft.version !== this.version) {
      // The server moved on: let it refuse, then merge against what the person had seen.
      this.version = draft.version;
      for (const name of Object.keys(draft.base)) if (name in here) this.base[name] = draft.base[name];
      for (const name of Object.keys(here)) if (!lost.includes(name)) fill(this.form, name, this.base[name] ?? []);
    }
    this.banner("info", say("restored", { time: clock(draft.at) }));
    this.save();
  }

  async save() {
    clearTimeout(this.timer);
    if (this.isSaving || this.isStopped) return;
    if (!this.isDirty()) {
      if (!this.isWaiting) this.idle();
      return;
    }
    this.isSaving = true;
    this.running = this.send();
    await this.running;
  }

  async send() {
    const sent = valuesOf(this.form);
    this.status("saving");
    try {
      this.saved(sent, await post(this.form.action, new FormData(this.form)));
    } catch (error) {
      this.failed(error);
    } finally {
      this.isSaving = false;
    }
    if (!this.isWaiting && !this.isStopped && this.isDirty()) this.timer = setTimeout(() => this.save(), PAUSE);
  }

  /**
   * A button: first save what is typed, also what is under way, then let the server lead on. Handing in the form
   * while a save is under way would add a new entry twice or meet its own change as another's.
   */
  async submit(event) {
    if (event.defaultPrevented) return;
    event.preventDefault();
    const button = event.submitter;
    while (this.isSaving) await this.running;
    if (this.isDirty() && !this.isStopped) await this.save();
    if (this.isWaiting) return; // the banner says so; what was typed is kept
    if (this.isStopped) {
      this.banner("danger", this.stopText, this.stopAction);
      return;
    }
    this.isLeaving = true;
    if (button?.name) {
      const chosen = Object.assign(document.createElement("input"), { type: "hidden", name: button.name });
      chosen.value = button.value;
      this.form.append(chosen);
    }
    this.form.submit();
  }

  idle() {
    this.keep();
    if (this.savedAt) this.status("saved", { time: this.savedAt });
    else this.status("unchanged");
  }

  saved(sent, answer) {
    if (this.isWaiting) {
      this.isWaiting = false;
      this.banner("success", say("back", { time: answer.saved_at }));
    }
    this.version = answer.version;
    this.base = sent;
    this.savedAt = answer.saved_at;
    if (answer.url) this.moved(answer.url);
    this.canonical = {};
    for (const [name, values] of Object.entries(answer.values ?? {})) {
      if (!same(values, sent[name])) this.canonical[name] = { typed: sent[name], values };
      if (document.activeElement?.name !== name) this.tidy(name);
    }
    this.show(answer);
    this.keep();
    this.status("saved", { time: answer.saved_at });
  }

  /** A new entry has got its own address. */
  moved(url) {
    drafts.forget(this.path);
    this.form.action = url;
    this.path = new URL(this.form.action).pathname;
    history.replaceState(null, "", url);
    document.dispatchEvent(new CustomEvent("pingshen:created", { detail: { url } }));
  }

  /** Show a date or number the way the server reads it, once the person has left the field. */
  tidy(name) {
    const canonical = this.canonical[name];
    if (!canonical || !same(valuesOf(this.form)[name], canonical.typed)) return;
    fill(this.form, name, canonical.values);
    this.base[name] = valuesOf(this.form)[name];
    delete this.canonical[name];
  }

  show(answer) {
    const visible = answer.visible ? new Set(answer.visible) : null;
    const required = new Set(answer.required ?? []);
    for (const box of this.form.querySelectorAll("[data-field]")) {
      const name = box.dataset.field;
      if (visible) box.hidden = !visible.has(name);
      box.classList.toggle("is-required", required.has(name));
      this.messages(box, answer.messages?.[name] ?? [], this.touched.has(`f-${name}`));
    }
    for (const line of document.querySelectorAll("[data-unread-of]")) {
      const key = document.getElementById(line.dataset.unreadOf)?.closest("[data-field]")?.dataset.field;
      if (!(answer.messages?.[key] ?? []).some((one) => one.severity === "error")) line.remove();
    }
    const unread = document.querySelector("[data-unread]");
    if (unread && !unread.querySelector("li")) unread.remove();
    for (const group of this.form.querySelectorAll("[data-group]")) {
      group.hidden = !group.querySelector("[data-field]:not([hidden])");
    }
    put(answer.html);
  }

  messages(box, found, isTouched) {
    const list = box.querySelector("[data-messages]");
    if (!list) return;
    // What is simply not filled in yet is no reproach while the person is still on the way there.
    const shown = isTouched || list.childElementCount ? found : found.filter((one) => one.severity === "error");
    list.replaceChildren(
      ...shown.map((one) => {
        const line = document.createElement("li");
        line.className = `field-message is-${one.severity}`;
        line.textContent = one.text;
        return line;
      }),
    );
    const isWrong = shown.some((one) => one.severity === "error");
    for (const control of box.querySelectorAll("input, select, textarea")) {
      control.classList.toggle("is-invalid", isWrong);
      if (isWrong) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }

  failed(error) {
    this.keep();
    if (error instanceof Offline) this.wait("offline");
    else if (error instanceof SignedOut) this.wait(error.other ? "other_account" : "signed_out");
    else if (error instanceof Refusal && error.status === 409 && error.answer.current) this.merge(error.answer);
    else if (error instanceof Refusal) this.stop(error.message, error.answer);
    else throw error;
  }

  wait(reason) {
    this.isWaiting = true;
    this.status(this.isKept ? "kept" : "not_kept");
    const link = reason === "offline" ? null : { href: signInUrl, text: say("sign_in"), blank: true };
    this.banner(this.isKept ? "warning" : "danger", say(this.isKept ? reason : "not_kept"), link);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), RETRY);
  }

  /** Three-way merge of what was seen, what is here and what another tab saved. */
  merge(answer) {
    const mine = valuesOf(this.form);
    const theirs = {};
    const clashes = [];
    for (const name of Object.keys(mine)) {
      theirs[name] = answer.current[name] ?? this.base[name];
      const isMine = !same(mine[name], this.base[name]);
      const isTheirs = !same(theirs[name], this.base[name]);
      if (isMine && isTheirs && !same(mine[name], theirs[name])) clashes.push(name);
    }
    if (clashes.length) {
      this.stop(say("clash"), { compare: true });
      return;
    }
    for (const name of Object.keys(mine)) if (same(mine[name], this.base[name])) fill(this.form, name, theirs[name]);
    this.base = theirs;
    this.version = answer.version;
    this.banner("info", say("merged"));
    this.timer = setTimeout(() => this.save(), 0);
  }

  stop(message, answer = {}) {
    this.isStopped = true;
    this.status("kept");
    this.stopText = message;
    this.stopAction = answer.compare ? { text: say("compare"), click: () => this.compare() } : null;
    this.banner("danger", this.stopText, this.stopAction);
  }

  /** Hand the form in as it is: the server answers with the page that shows both versions. */
  compare() {
    this.isLeaving = true;
    this.form.submit();
  }

  status(name, parameters = {}) {
    const text = say(`status_${name}`, parameters);
    for (const line of document.querySelectorAll("[data-save-status]")) {
      line.dataset.state = name;
      line.textContent = text;
    }
    if (["saved", "kept", "not_kept"].includes(name) && name !== this.announced) announce(text);
    this.announced = name;
  }

  banner(kind, text, action = null) {
    const place = document.querySelector("[data-banner]");
    if (!place) return;
    const box = document.createElement("div");
    box.className = `alert ps-alert alert-${kind} mb-3`;
    box.append(Object.assign(document.createElement("span"), { textContent: text }));
    if (action) {
      const control = document.createElement(action.href ? "a" : "button");
      control.className = action.href ? "alert-link ms-2" : "btn btn-sm btn-danger ms-2";
      control.textContent = action.text;
      if (action.href) Object.assign(control, { href: action.href, target: "_blank" });
      else {
        control.type = "button";
        control.addEventListener("click", action.click);
      }
      box.append(control);
    }
    place.replaceChildren(box);
  }
}

const started = new WeakSet();

/** Start what is new on the page; parts of it come and go with uploads. */
function start() {
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    if (started.has(form)) continue;
    started.add(form);
    new Autosave(form);
  }
}

start();
document.addEventListener("pingshen:uploaded", start);
document.addEventListener("pingshen:replaced", start);
