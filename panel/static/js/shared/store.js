// What the browser keeps for a page: drafts of an application, items of a return. A browser may refuse (private
// mode, full): nothing depends on it.

/** The value kept as `name`, or null; what can't be read any more is thrown away. */
export function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(name) ?? "null");
  } catch {
    storage.removeItem(name);
    return null;
  }
}

/** Keep `value` as `name`; false if the browser refuses. */
export function write(storage, name, value) {
  try {
    storage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
