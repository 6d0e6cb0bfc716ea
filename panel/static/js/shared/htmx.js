// What htmx sends goes the way of server.js, for every page: with the present token, and once more after a lost
// network or an ended session.

import { Offline, SignedOut, isAway, isExpired, recovered, renew } from "./server.js";
import { say, toast } from "./speak.js";

const waiting = new WeakSet(); // elements whose request will be sent again: a second click meanwhile adds nothing
const renewed = new WeakSet(); // elements whose request was sent again with a fresh token

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.body.dataset.csrf;
  delete event.detail.parameters.csrf_token;
});

document.addEventListener("htmx:afterRequest", ({ detail }) => detail.successful && renewed.delete(detail.requestConfig.elt));

document.addEventListener("htmx:sendError", (event) => again(event.detail.requestConfig, recovered(new Offline())));

document.addEventListener("htmx:responseError", (event) => {
  const { xhr, requestConfig } = event.detail;
  let answer = {};
  try {
    answer = JSON.parse(xhr.responseText);
  } catch {
    // not JSON: the general sentence stays
  }
  if (isAway(xhr.status)) again(requestConfig, recovered(new Offline()));
  else if (isExpired(xhr.status, answer) && !renewed.has(requestConfig.elt)) {
    renewed.add(requestConfig.elt);
    again(requestConfig, renew().catch(recovered));
  } else toast(answer.message || say("failed"), true);
});

/** Send what `config` describes once more when `ready`, with what is typed by then. */
async function again({ elt, verb, path, target, formData }, ready) {
  // What is asked for at intervals comes by itself.
  if (waiting.has(elt) || elt.matches('[hx-trigger^="every"]')) return;
  waiting.add(elt);
  await ready;
  waiting.delete(elt);
  window.htmx.ajax(verb, path, { source: elt, target, values: besideFields(elt.closest("form"), formData) });
}

/** What was sent that isn't a field of `form`: the button that was pressed, what a script added. */
function besideFields(form, sent) {
  const fields = [...(form?.elements ?? [])].filter((field) => field.type !== "submit").map((field) => field.name);
  const beside = new FormData();
  for (const [name, value] of sent) if (!fields.includes(name)) beside.append(name, value);
  return beside;
}
