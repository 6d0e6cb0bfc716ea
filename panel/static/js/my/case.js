// What all pages of an application do: lead to the field that a link names, count characters, take over what is
// offered, and tell of what this machine still keeps.

import * as drafts from "./drafts.js";
import { say } from "../shared/speak.js";
import { clock } from "./values.js";

/** Count characters where the round sets a limit; the text itself is never cut off. */
function count(area) {
  const line = area.form?.querySelector(`[data-count="${area.id}"]`);
  if (!line) return;
  const show = () => {
    const length = [...area.value].length;
    const limit = Number(area.dataset.limit);
    line.textContent = `${length} / ${limit}`;
    line.classList.toggle("text-danger", length > limit);
  };
  area.addEventListener("input", show);
  show();
}

/** Take the focus to the field that a link of the missing list names. */
function focusOnField() {
  if (location.hash.length < 2) return;
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  // the link that skips the menu goes to all of the content, not to its first field
  if (!target || target.matches("main")) return;
  const inner = "input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled)";
  const control = target.matches("input, select, textarea, button, a") ? target : target.querySelector(inner);
  (target.closest("[data-field]") ?? target).classList.add("is-pointed-at");
  if (control) control.focus();
  else {
    target.tabIndex = -1;
    target.focus();
  }
  target.scrollIntoView({ block: "center" });
}

/** Tell on the overview that this machine still holds something that is not on the server. */
function listDrafts(place) {
  const found = drafts.list(place.dataset.drafts);
  if (!found.length) return;
  const list = document.createElement("ul");
  list.className = "mb-0 mt-1";
  for (const draft of found) {
    const line = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: draft.path, className: "alert-link" });
    link.textContent = say("draft_at", { title: draft.title, time: clock(draft.at) });
    line.append(link);
    list.append(line);
  }
  place.append(Object.assign(document.createElement("strong"), { textContent: say("drafts") }), list);
  place.hidden = false;
}

document.addEventListener("click", (event) => {
  const offer = event.target.closest("[data-offer]");
  if (!offer) return;
  const field = document.getElementById(offer.dataset.offer);
  field.value = offer.dataset.value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.focus();
});

for (const area of document.querySelectorAll("textarea[data-limit]")) count(area);
for (const place of document.querySelectorAll("[data-drafts]")) listDrafts(place);
window.addEventListener("hashchange", focusOnField);
focusOnField();
