// Lists of entries and attachments of an application: forms inside [data-in-place] answer with the list's new
// content instead of a new page, and rows can be dragged. Without this file each button is an ordinary form.

import { post, reason } from "../shared/server.js";
import { announce, put } from "../shared/speak.js";

/** Where the focus goes when the control that had it is gone. */
function refocus(place, id) {
  const again = id ? document.getElementById(id) : null;
  if (again && !again.disabled) again.focus();
  else place.querySelector("[data-refocus]")?.focus();
}

function complain(place, error) {
  const box = document.createElement("div");
  box.className = "alert ps-alert alert-danger mb-3";
  box.setAttribute("role", "alert");
  box.textContent = reason(error, "act");
  place.querySelector("[data-complaint]")?.replaceChildren(box);
}

async function act(place, url, body, focus) {
  try {
    const answer = await post(url, body);
    place.innerHTML = answer.html;
    put(answer.parts);
    if (answer.message) announce(answer.message);
    draggable(place);
    refocus(place, focus);
    document.dispatchEvent(new CustomEvent("pingshen:replaced", { detail: { place } }));
  } catch (error) {
    complain(place, error);
  }
}

function draggable(place) {
  const rows = place.querySelector("[data-sortable]");
  if (!rows || !window.Sortable) return;
  const before = [...rows.children];
  window.Sortable.create(rows, {
    handle: "[data-handle]",
    draggable: "[data-uid]",
    animation: 150,
    onEnd: (event) => {
      if (event.oldIndex === event.newIndex) return;
      const body = new FormData();
      body.set("before", event.item.nextElementSibling?.dataset.uid ?? "");
      act(place, event.item.dataset.moveUrl, body, `handle-${event.item.dataset.uid}`).then(() => {
        // A refused move leaves the rows as the server has them.
        if (rows.isConnected) rows.replaceChildren(...before);
      });
    },
  });
}

// On the document and after app.js, which may stop a submit to ask first.
document.addEventListener("submit", (event) => {
  const place = event.target.closest("[data-in-place]");
  if (!place || event.defaultPrevented || event.target.matches("[data-upload], [data-autosave]")) return;
  event.preventDefault();
  const data = new FormData(event.target, event.submitter);
  act(place, event.target.action, data, event.submitter?.id);
});

for (const place of document.querySelectorAll("[data-in-place]")) draggable(place);
