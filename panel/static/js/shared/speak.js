// What scripts say to the person, for every page: sentences of the page, a line for screen readers, a note that
// goes away by itself, a question, an answered part. The words come from the page, which is translated.

const notes = document.getElementById("ps-toasts");
const place = document.querySelector("[data-words]");
const words = { ...notes?.dataset, ...JSON.parse(place?.dataset.words ?? "{}") };

/** The page's own (already translated) text `name`, with %(key)s replaced. */
export function say(name, parameters = {}) {
  return Object.entries(parameters).reduce(
    (text, [key, value]) => text.replaceAll(`%(${key})s`, value),
    words[name] ?? name,
  );
}

/** Where to sign in without leaving the page. */
export const signInUrl = place?.dataset.signInUrl;

/** Put `text` into the page's announcement line for screen readers. */
export function announce(text) {
  const line = document.querySelector("[data-announce]");
  if (line) line.textContent = text;
}

/** Show `text` for a few seconds; `isBad` for failures. */
export function toast(text, isBad = false) {
  const box = document.createElement("div");
  box.className = isBad ? "ps-toast is-bad" : "ps-toast";
  box.textContent = text;
  notes.append(box);
  setTimeout(() => box.remove(), isBad ? 10000 : 4000);
}

/** Ask `text` in a dialog; resolves to true for yes. */
export function ask(text) {
  const dialog = document.getElementById("ps-confirm");
  document.getElementById("ps-confirm-text").textContent = text;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** Show the answered `parts` of the page: selector -> HTML. */
export function put(parts = {}) {
  for (const [selector, html] of Object.entries(parts)) {
    const part = document.querySelector(selector);
    if (part) part.innerHTML = html;
  }
}
