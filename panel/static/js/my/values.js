// The values of an application's form, as the browser would post them.

const OWN = new Set(["csrf_token", "version", "next", "new_uid"]); // not the person's

/** Whether two lists of values are the same. */
export const same = (a, b) => JSON.stringify(a ?? []) === JSON.stringify(b ?? []);
/** The time of day in the page's language. */
export const clock = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

/** The form's values: name -> list of strings, [] for a box that isn't ticked. */
export function valuesOf(form) {
  const values = {};
  for (const element of form.elements) {
    if (!element.name || OWN.has(element.name) || element.type === "file" || element.disabled) continue;
    if (element.type === "submit" || element.type === "button" || element.tagName === "FIELDSET") continue;
    values[element.name] ??= [];
    if (["checkbox", "radio"].includes(element.type)) {
      if (element.checked) values[element.name].push(element.value);
    } else {
      // As the browser would post it, so that both sides compare alike.
      values[element.name].push(element.value.replace(/\r?\n/g, "\r\n"));
    }
  }
  return values;
}

/** Put `values` into the controls named `name`. */
export function fill(form, name, values) {
  const found = form.elements[name];
  if (!found) return;
  let place = 0; // two texts of one name, from and to, take one value each
  for (const element of found instanceof RadioNodeList ? found : [found]) {
    if (["checkbox", "radio"].includes(element.type)) element.checked = values.includes(element.value);
    else {
      element.value = (values[place] ?? "").replace(/\r\n/g, "\n");
      place += 1;
    }
  }
}
