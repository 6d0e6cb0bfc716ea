// The committee's pages: an expert's opinion is saved as it is typed.

import { clean, send } from "../shared/app.js";

const PAUSE = 1500;

/** Save the draft of `form` some time after the last key, one request at a time. */
function autosave(form) {
  const status = form.querySelector("[data-opinion-status]");
  let timer = null;
  let running = null;
  let over = false; // a conflict or a refusal: only the person can decide now

  async function save() {
    timer = null;
    if (running) await running;
    if (over) return;
    status.textContent = form.dataset.saving;
    running = post();
    await running;
    running = null;
  }

  async function post() {
    const body = new FormData(form);
    body.set("do", "draft");
    const response = await send(form.action, body);
    if (!response.ok) {
      over = true;
      const problem = await response.json().catch(() => ({}));
      status.textContent = problem.message || form.dataset.failed;
      status.classList.add("text-danger");
      return;
    }
    const saved = await response.json();
    form.elements.version.value = saved.version;
    if (!timer) {
      status.textContent = `${form.dataset.saved} ${saved.saved_at}`;
      clean(form);
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    if (!over) timer = setTimeout(save, PAUSE);
  });

  // The version that goes along must be that of the last draft.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    timer = null;
    if (!running || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation(); // the page's own question comes with the second try
    const button = event.submitter;
    running.then(() => form.requestSubmit(button));
  });
}

for (const form of document.querySelectorAll("form[data-opinion]")) autosave(form);
