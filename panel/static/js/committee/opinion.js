// Saves an expert's opinion as it is typed, on the committee's page of a case.

import { guard } from "../shared/leaving.js";
import { Refusal, patiently, post } from "../shared/server.js";

const PAUSE = 1500;

/** Save the draft of `form` some time after the last key, one request at a time. */
function autosave(form) {
  const status = form.querySelector("[data-opinion-status]");
  let timer = null;
  let running = null;
  let isOver = false; // a conflict or a refusal: only the person can decide now
  let isLeaving = false;

  async function save() {
    timer = null;
    if (running) await running;
    if (isOver) return;
    status.textContent = form.dataset.saving;
    running = store();
    await running;
    running = null;
  }

  async function store() {
    try {
      const saved = await patiently(() => post(form.action, draft()));
      form.elements.version.value = saved.version;
      if (!timer) status.textContent = `${form.dataset.saved} ${saved.saved_at}`;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      isOver = true;
      status.textContent = error.answer.message || form.dataset.failed;
      status.classList.add("text-danger");
    }
  }

  function draft() {
    const body = new FormData(form);
    body.set("do", "draft");
    return body;
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    if (isOver) return;
    timer = setTimeout(save, PAUSE);
  });

  guard(() => !isLeaving && (timer !== null || running !== null || isOver));

  // The version that goes along must be that of the last draft.
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    clearTimeout(timer);
    timer = null;
    if (!running) return;
    event.preventDefault();
    event.stopPropagation(); // the page's own question comes with the second try
    const button = event.submitter;
    running.then(() => form.requestSubmit(button));
  });

  // After the page's question, which may have been answered with no.
  document.addEventListener("submit", (event) => {
    if (event.target === form && !event.defaultPrevented) isLeaving = true;
  });
}

for (const form of document.querySelectorAll("form[data-opinion]")) autosave(form);
