// Uploads by button or drag and drop, for an application's files and HR's scans, each file with its own
// progress; a refused file says why and can be tried again. Without this file the form sends the chosen files
// and the page comes back.
//
// form[data-upload] answers {html, message}; the html goes to the element that data-target names, by data-mode:
// "replace" its content or "append" to it.

import { asJpeg, isPicture, opened, shrunk } from "./pictures.js";
import { guard } from "./leaving.js";
import { Offline, Refusal, post, reason } from "./server.js";
import { announce, put, say, signInUrl } from "./speak.js";

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
    guard(() => this.waiting.size > 0);
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
      const answer = await post(this.form.action, body, { progress: (share) => this.progress(job, share) });
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
    put(answer.parts);
    announce(answer.message);
    // On the document: this form may just have been replaced and no longer be in it.
    document.dispatchEvent(new CustomEvent("pingshen:uploaded", { detail: answer }));
  }

  failed(job, error) {
    const isRefused = error instanceof Refusal;
    this.refuse(job, reason(error, "upload"), !isRefused, !isRefused && !(error instanceof Offline));
  }

  refuse(job, why, isStuck, isSignedOut = false) {
    job.isStuck = isStuck;
    if (!isStuck) this.waiting.delete(job);
    job.line.classList.add("is-refused");
    job.bar.value = 0;
    job.note.textContent = why;
    announce(say("refused", { name: job.file.name, reason: why }));
    if (isStuck) job.line.append(this.button(say("again"), () => this.start(job)));
    job.line.append(
      this.button(say("dismiss"), () => {
        this.waiting.delete(job);
        job.line.remove();
        this.input.focus();
      }),
    );
    if (isSignedOut) {
      const link = Object.assign(document.createElement("a"), {
        href: signInUrl,
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
    announce(reason(error, "act"));
  }
});

function enhance(root) {
  for (const form of root.querySelectorAll("form[data-upload]")) if (!form.classList.contains("is-enhanced")) new Uploads(form);
}

enhance(document);
document.addEventListener("pingshen:uploaded", () => enhance(document));
document.addEventListener("pingshen:replaced", (event) => enhance(event.detail.place));
