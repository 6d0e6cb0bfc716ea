// Uploads by button or drag and drop, each file with its own progress; a refused file says why and can be
// tried again. Without this file the form sends the chosen files and the page comes back.
//
// form[data-upload] answers {html, message}; the html goes to the element that data-target names, by
// data-mode: "replace" its content or "append" to it.

import { asJpeg, isPicture, opened, shrunk } from "./pictures.js";
import { Offline, Refusal, SignedOut, announce, page, post, say } from "./session.js";

class Uploads {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=file]");
    this.queue = form.querySelector("[data-queue]");
    this.target = document.querySelector(form.dataset.target);
    this.chain = Promise.resolve();
    this.waiting = new Set();
    form.classList.add("is-enhanced");
    this.input.addEventListener("change", () => {
      this.take(this.input.files);
      this.input.value = "";
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    const zone = form.querySelector("[data-dropzone]") ?? form;
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
    zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      this.take(event.dataTransfer.files);
    });
    window.addEventListener("beforeunload", (event) => this.waiting.size && event.preventDefault());
    window.addEventListener("online", () => this.waiting.forEach((job) => job.isStuck && this.start(job)));
  }

  /** One after the other: the order shown is the order chosen, and a slow line carries one file at a time. */
  take(files) {
    for (const file of this.input.multiple ? files : [...files].slice(0, 1)) this.start(this.job(file));
  }

  job(file) {
    const line = document.createElement("li");
    line.className = "upload-line";
    const name = Object.assign(document.createElement("span"), { className: "upload-name", textContent: file.name });
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0, className: "upload-bar" });
    bar.setAttribute("aria-label", say("uploading", { name: file.name }));
    const note = Object.assign(document.createElement("span"), { className: "upload-note" });
    line.append(name, bar, note);
    this.queue.append(line);
    return { file, line, bar, note };
  }

  start(job) {
    job.isStuck = false;
    this.waiting.add(job);
    job.line.classList.remove("is-refused");
    job.line.querySelectorAll("button, a").forEach((control) => control.remove());
    job.note.textContent = say("queued");
    this.chain = this.chain.then(() => this.send(job));
  }

  async send(job) {
    const body = new FormData(this.form);
    body.delete(this.input.name);
    const small = await this.smaller(job);
    if (small) {
      body.append(this.input.name, small, asJpeg(job.file.name));
      body.append("sent_bytes", String(job.file.size)); // the page tells what was done, and asks to look
    } else {
      const limit = Number(this.form.dataset.maxSent ?? this.form.dataset.maxBytes);
      if (limit && job.file.size > limit) {
        this.refuse(job, say("too_large", { limit: (limit / 1048576).toFixed(0) }), false);
        return;
      }
      body.append(this.input.name, job.file, job.file.name);
    }
    try {
      const answer = await post(this.form.action, body, (share) => this.progress(job, share));
      this.done(job, answer);
    } catch (error) {
      this.failed(job, error);
    }
  }

  /** What is sent instead of a picture that is too large or too fine; null to send it as it is. */
  async smaller(job) {
    const { maxBytes, maxPixels } = this.form.dataset;
    if (!isPicture(job.file) || !maxBytes) return null;
    const isLarge = job.file.size > Number(maxBytes);
    // A photo of fifty million pixels has several megabytes: smaller files needn't be opened to be measured.
    if (!isLarge && job.file.size < 3 * 1048576) return null;
    const bitmap = await opened(job.file);
    if (!bitmap) return null;
    const isFine = maxPixels && bitmap.width * bitmap.height > Number(maxPixels);
    if (isLarge || isFine) job.note.textContent = say("compressing");
    const small = isLarge || isFine ? await shrunk(bitmap, Number(maxBytes)) : null;
    bitmap.close();
    return small;
  }

  progress(job, share) {
    job.bar.value = share;
    job.note.textContent = share < 1 ? `${Math.round(share * 100)}%` : say("checking");
  }

  done(job, answer) {
    this.waiting.delete(job);
    job.line.remove();
    if (this.form.dataset.mode === "append") append(this.target, answer);
    else this.target.innerHTML = answer.html;
    for (const [selector, html] of Object.entries(answer.parts ?? {})) {
      const part = document.querySelector(selector);
      if (part) part.innerHTML = html;
    }
    announce(answer.message);
    // On the document: this form may just have been replaced and no longer be in it.
    document.dispatchEvent(new CustomEvent("pingshen:uploaded", { detail: answer }));
  }

  failed(job, error) {
    if (error instanceof Refusal) this.refuse(job, error.message, false);
    else if (error instanceof Offline) this.refuse(job, say("upload_offline"), true);
    else if (error instanceof SignedOut) this.refuse(job, say(error.other ? "other_account" : "upload_signed_out"), true);
    else throw error;
  }

  refuse(job, reason, isStuck) {
    job.isStuck = isStuck;
    if (!isStuck) this.waiting.delete(job);
    job.line.classList.add("is-refused");
    job.bar.value = 0;
    job.note.textContent = reason;
    announce(say("refused", { name: job.file.name, reason }));
    if (isStuck) job.line.append(this.button(say("again"), () => this.start(job)));
    job.line.append(
      this.button(say("dismiss"), () => {
        this.waiting.delete(job);
        job.line.remove();
        this.input.focus();
      }),
    );
    if (isStuck && reason !== say("upload_offline")) {
      const link = Object.assign(document.createElement("a"), {
        href: page.dataset.signInUrl,
        target: "_blank",
        className: "btn btn-sm",
        textContent: say("sign_in"),
      });
      job.line.append(link);
    }
  }

  button(text, click) {
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "btn btn-sm",
      textContent: text,
    });
    button.addEventListener("click", click);
    return button;
  }
}

/** The new file is ticked as proof: the entry's form saves that. */
function append(target, answer) {
  if (answer.html) {
    target.insertAdjacentHTML("beforeend", answer.html);
    const box = target.lastElementChild.querySelector("input");
    box?.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const waiting = document.querySelector("#pending-files");
  if (waiting && answer.pending !== undefined) waiting.innerHTML = answer.pending;
}

// On an entry's page: a file that was compressed is used or thrown away. (A slot's page does that in place.)
document.querySelector("#pending-files")?.addEventListener("submit", async (event) => {
  if (event.defaultPrevented || !event.target.matches("[data-pending]")) return;
  event.preventDefault();
  const form = event.target;
  try {
    const answer = await post(form.action, new FormData(form));
    append(document.querySelector("#evidence-list"), answer);
    announce(answer.message);
    (document.querySelector("#pending-files button") ?? document.querySelector("#evidence-list input:last-of-type"))?.focus();
  } catch (error) {
    announce(error instanceof Refusal ? error.message : say(error.constructor.name));
  }
});

function enhance(root) {
  for (const form of root.querySelectorAll("form[data-upload]")) if (!form.classList.contains("is-enhanced")) new Uploads(form);
}

enhance(document);
document.addEventListener("pingshen:uploaded", () => enhance(document));
document.addEventListener("pingshen:replaced", (event) => enhance(event.detail.place));
