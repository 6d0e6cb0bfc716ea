// Cuts the portrait to the round's specification in the browser, on the page of the photo (G11). Without this
// file a picture that already has the right proportions can be uploaded as it is; the server checks both alike.

import { guard } from "../shared/leaving.js";
import { post, reason } from "../shared/server.js";
import { announce, say } from "../shared/speak.js";

const STEP = 4; // pixels on screen per arrow key
const QUALITY = 0.95;
const SETTLE = 150; // ms after the last change of the window's size

class PhotoCutter {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=file]");
    this.place = form.querySelector("[data-crop]");
    this.stage = form.querySelector("[data-crop-stage]");
    this.image = form.querySelector("[data-crop-image]");
    this.note = form.querySelector("[data-crop-note]");
    this.button = form.querySelector("[data-crop-upload]");
    this.width = Number(form.dataset.width);
    this.height = Number(form.dataset.height);
    form.classList.add("is-enhanced");
    this.button.hidden = true; // until there is something to save
    this.input.addEventListener("change", () => this.open(this.input.files[0]));
    form.addEventListener("submit", (event) => this.submit(event));
    for (const control of form.querySelectorAll("[data-crop-action]")) {
      control.addEventListener("click", () => this.act(control.dataset.cropAction));
    }
    this.place.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("resize", () => this.resized());
    guard(() => this.cropper && !this.isDone);
  }

  open(file) {
    this.say("");
    if (!file) return;
    if (!["image/jpeg", "image/png"].includes(file.type)) {
      this.input.value = "";
      this.say(say("photo_type"));
      return;
    }
    this.cropper?.destroy();
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(file);
    this.image.onerror = () => {
      this.place.hidden = true;
      this.cropper = null;
      this.say(say("photo_broken"));
    };
    this.image.onload = () => this.crop();
    this.place.hidden = false;
    this.image.src = this.url;
  }

  crop() {
    this.image.onload = null;
    this.frame(null, () => this.stage.scrollIntoView({ block: "nearest" }));
    this.button.hidden = false;
    this.stage.focus();
  }

  /** The frame over the picture; `data` is what was cut before, in the picture's own pixels. */
  frame(data, ready = () => {}) {
    this.stageWidth = this.stage.clientWidth;
    this.cropper = new window.Cropper(this.image, {
      aspectRatio: this.width / this.height,
      viewMode: 1,
      dragMode: "move",
      autoCropArea: 0.9,
      data,
      checkOrientation: false, // the browser already turns the picture upright
      responsive: false, // it moves the frame off the face; see resized()
      preview: this.form.querySelector("[data-crop-preview]"),
      crop: () => this.measure(),
      ready,
    });
  }

  /** A phone turned round or a window pulled: the same cut, drawn to the new width. */
  resized() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.cropper || this.stage.clientWidth === this.stageWidth) return;
      const data = this.cropper.getData();
      this.cropper.destroy();
      this.frame(data);
    }, SETTLE);
  }

  measure() {
    const { width, height } = this.cropper.getData(true);
    this.isTooSmall = width < this.width || height < this.height;
    this.say(
      this.isTooSmall
        ? say("photo_small", { width, height, asked_width: this.width, asked_height: this.height })
        : say("photo_size", { width, height }),
      !this.isTooSmall,
    );
    this.button.disabled = this.isTooSmall;
  }

  act(action) {
    if (!this.cropper) return;
    if (action === "in") this.cropper.zoom(0.1);
    else if (action === "out") this.cropper.zoom(-0.1);
    else if (action === "left") this.cropper.rotate(-90);
    else if (action === "right") this.cropper.rotate(90);
    else if (action === "tilt-left") this.cropper.rotate(-1);
    else if (action === "tilt-right") this.cropper.rotate(1);
    else if (action === "reset") this.cropper.reset();
  }

  /** Arrows move the frame, with Shift they resize it; + and − zoom, [ and ] tilt. */
  key(event) {
    if (!this.cropper || event.target.closest("button, input")) return;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const keys = { "+": "in", "=": "in", "-": "out", "[": "tilt-left", "]": "tilt-right" };
    if (moves[event.key]) {
      const [x, y] = moves[event.key];
      const box = this.cropper.getCropBoxData();
      if (event.shiftKey) this.cropper.setCropBoxData({ width: box.width + (x + y) * STEP });
      else this.cropper.setCropBoxData({ left: box.left + x * STEP, top: box.top + y * STEP });
      event.preventDefault();
    } else if (keys[event.key]) {
      this.act(keys[event.key]);
      event.preventDefault();
    }
  }

  async submit(event) {
    if (!this.cropper) return; // the plain upload
    event.preventDefault();
    if (this.isTooSmall) return;
    this.button.disabled = true;
    this.say(say("photo_sending"), true);
    try {
      const body = new FormData(this.form);
      body.set(this.input.name, await this.picture(), "photo.jpg");
      const answer = await post(this.form.action, body);
      this.isDone = true;
      location.assign(answer.url);
    } catch (error) {
      this.button.disabled = false;
      this.say(reason(error, "upload"));
    }
  }

  /** The frame's content, at most twice as fine as asked for, so that nothing is blown up. */
  picture() {
    const { width } = this.cropper.getData(true);
    const scale = Math.min(2, Math.max(1, width / this.width));
    const canvas = this.cropper.getCroppedCanvas({
      width: Math.round(this.width * scale),
      height: Math.round(this.height * scale),
      fillColor: "#fff",
      imageSmoothingQuality: "high",
    });
    return new Promise((resolve) => {
      canvas.toBlob(resolve, "image/jpeg", QUALITY);
    });
  }

  say(text, isFine = false) {
    this.note.textContent = text;
    this.note.classList.toggle("text-danger", Boolean(text) && !isFine);
    if (text && !isFine) announce(text);
  }
}

for (const form of document.querySelectorAll("form[data-photo]")) new PhotoCutter(form);
