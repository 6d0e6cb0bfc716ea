// Warns before what isn't saved is left behind, for every page: forms with data-guard as they are typed into,
// and whatever another script guards.

const typed = new Set();
const checks = [() => typed.size > 0];

/** Have the browser ask before the page is left while `isUnsaved()` says so. */
export function guard(isUnsaved) {
  checks.push(isUnsaved);
}

/** Whether `form` holds something unsaved. */
export const isTyped = (form) => typed.has(form);

/** Say that `form` holds something unsaved. */
export function mark(form) {
  typed.add(form);
}

/** Say that `form` holds nothing unsaved. */
export function clean(form) {
  typed.delete(form);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) mark(form);
});

window.addEventListener("beforeunload", (event) => {
  if (checks.some((isUnsaved) => isUnsaved())) event.preventDefault();
});
