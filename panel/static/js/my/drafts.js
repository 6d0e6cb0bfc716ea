// What is typed into an application but not yet on the server, kept on this machine until it is.
// Sensitive values (ID numbers, phones) stay in the tab's own storage and vanish with it.

import { read, write } from "../shared/store.js";

const PREFIX = "pingshen:draft:";
// Two windows may hold the same form: each takes away only what it kept or took over itself.
const WINDOW = Math.random().toString(36).slice(2);
const mine = new Set([WINDOW]);

function key(path) {
  return `${PREFIX}${document.body.dataset.user ?? ""}:${path}`;
}

const without = (values, names) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
const only = (values, names) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));

/** Keep {values, base, version, title} of the form at `path`; false if the browser refuses. */
export function keep(path, draft, sensitive) {
  const open = { ...draft, at: Date.now(), window: WINDOW };
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
  mine.add(open.window);
  const closed = read(sessionStorage, key(path)) ?? { values: {}, base: {} };
  return {
    ...open,
    values: { ...open.values, ...closed.values },
    base: { ...open.base, ...closed.base },
  };
}

/** Forget the draft of `path`, unless another window keeps something there. */
export function forget(path) {
  const open = read(localStorage, key(path));
  if (open && !mine.has(open.window)) return;
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
