// What is typed but not yet on the server, kept on this machine until it is.
// Sensitive values (ID numbers, phones) stay in the tab's own storage and vanish with it.

const PREFIX = "pingshen:draft:";

function key(path) {
  return `${PREFIX}${document.body.dataset.user ?? ""}:${path}`;
}

function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(name) ?? "null");
  } catch {
    storage.removeItem(name);
    return null;
  }
}

function write(storage, name, value) {
  try {
    storage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false; // private mode or full: the caller warns before the page is left
  }
}

const without = (values, names) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
const only = (values, names) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));

/** Keep {values, base, version, title} of the form at `path`; false if the browser refuses. */
export function keep(path, draft, sensitive) {
  const open = { ...draft, at: Date.now() };
  open.values = without(draft.values, sensitive);
  open.base = without(draft.base, sensitive);
  const closed = { values: only(draft.values, sensitive), base: only(draft.base, sensitive) };
  const kept = write(localStorage, key(path), open);
  return sensitive.length ? write(sessionStorage, key(path), closed) && kept : kept;
}

/** The draft kept for `path`, or null. */
export function kept(path) {
  const open = read(localStorage, key(path));
  if (!open) return null;
  const closed = read(sessionStorage, key(path)) ?? { values: {}, base: {} };
  return {
    ...open,
    values: { ...open.values, ...closed.values },
    base: { ...open.base, ...closed.base },
  };
}

/** Forget the draft of `path`. */
export function forget(path) {
  localStorage.removeItem(key(path));
  sessionStorage.removeItem(key(path));
}

/** All drafts of the signed-in person whose path begins with `start`: [{path, title, at}]. */
export function list(start) {
  const found = [];
  for (let i = 0; i < localStorage.length; i += 1) {
    const name = localStorage.key(i);
    if (!name.startsWith(key(start))) continue;
    const draft = read(localStorage, name);
    if (draft) found.push({ path: name.slice(key("").length), title: draft.title, at: draft.at });
  }
  return found;
}
