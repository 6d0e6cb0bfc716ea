// Behaviour that all pages share, attached by data- attributes; other modules import `send`, `toast`, `ask`.

const page = document.body;

/** Show `text` for a few seconds; `bad` for failures. */
export function toast(text, bad = false) {
  const box = document.createElement("div");
  box.className = bad ? "ps-toast is-bad" : "ps-toast";
  box.textContent = text;
  document.getElementById("ps-toasts").append(box);
  setTimeout(() => box.remove(), bad ? 10000 : 4000);
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

// --- sending, signing in again, going offline -------------------------------------------------------

/** Nobody is signed in any more; resolves when the same person is again. */
let waiting = null;

async function session() {
  const response = await fetch("/session", { headers: { Accept: "application/json" }, cache: "no-store" });
  return response.json();
}

/** Take the token of the present session; false if the person isn't signed in (or it's somebody else). */
export async function renew() {
  const state = await session();
  if (!state.signed_in) return false;
  if (page.dataset.user && state.user !== page.dataset.user) {
    toast(document.getElementById("ps-toasts").dataset.otherUser, true);
    return false;
  }
  useToken(state.csrf);
  return true;
}

function useToken(token) {
  page.dataset.csrf = token;
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = token;
}

/** Show the bar that offers signing in again; resolves after the person has come back. */
export function signInAgain() {
  if (waiting) return waiting;
  const bar = document.getElementById("ps-signed-out");
  bar.hidden = false;
  page.dispatchEvent(new CustomEvent("ps:signed-out", { bubbles: true }));
  waiting = new Promise((resolve) => {
    const tryAgain = async () => {
      if (document.visibilityState === "hidden" || !(await renew().catch(() => false))) return;
      bar.hidden = true;
      waiting = null;
      document.removeEventListener("visibilitychange", tryAgain);
      page.dispatchEvent(new CustomEvent("ps:signed-in", { bubbles: true }));
      resolve();
    };
    bar.querySelector("[data-resume]").onclick = tryAgain;
    document.addEventListener("visibilitychange", tryAgain);
  });
  return waiting;
}

/** Resolves when the network is back. */
function online() {
  const bar = document.getElementById("ps-offline");
  bar.hidden = false;
  return new Promise((resolve) => {
    const check = async () => {
      try {
        await fetch("/healthz", { cache: "no-store" });
      } catch {
        return;
      }
      clearInterval(timer);
      window.removeEventListener("online", check);
      bar.hidden = true;
      resolve();
    };
    const timer = setInterval(check, 4000);
    window.addEventListener("online", check);
  });
}

/**
 * POST `body` (FormData, URLSearchParams or an object sent as JSON) and return the Response.
 *
 * Waits out a lost network and an expired session, then sends again, so that nothing typed is lost; other
 * refusals (409, 422 …) are returned for the caller to show. `options.patient = false` throws instead.
 */
export async function send(url, body, options = {}) {
  const { patient = true, headers = {}, ...rest } = options;
  for (;;) {
    let response;
    try {
      response = await fetch(url, { method: "POST", ...rest, ...payload(body, headers) });
    } catch (error) {
      if (!patient || error.name === "AbortError") throw error;
      await online();
      continue;
    }
    if (response.status !== 401 && response.status !== 400) return response;
    const problem = await response.clone().json().catch(() => ({}));
    if (problem.error === "stale-page" && (await renew())) continue;
    if (problem.error !== "signed-out" || !patient) return response;
    await signInAgain();
  }
}

function payload(body, headers) {
  const all = { "X-CSRFToken": page.dataset.csrf, "X-Requested-With": "fetch", Accept: "application/json", ...headers };
  if (body instanceof FormData || body instanceof URLSearchParams) {
    // The token in the header is the fresh one; a copy in the body could be older and would win.
    body.delete("csrf_token");
    return { headers: all, body };
  }
  return { headers: { ...all, "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) };
}

// htmx sends the token too, and signs in again like everything else.
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = page.dataset.csrf;
  delete event.detail.parameters.csrf_token;
});
document.addEventListener("htmx:responseError", (event) => {
  const { xhr, elt, requestConfig } = event.detail;
  if (xhr.status === 401) {
    signInAgain().then(() => window.htmx.trigger(elt, requestConfig.triggeringEvent?.type ?? "submit"));
    return;
  }
  let text = document.getElementById("ps-toasts").dataset.failed;
  try {
    text = JSON.parse(xhr.responseText).message || text;
  } catch {
    // not JSON: the general sentence stays
  }
  toast(text, true);
});
document.addEventListener("htmx:sendError", () => {
  online();
});

// --- forms -----------------------------------------------------------------------------------------

/** Forms whose question was answered with yes. */
const confirmed = new WeakSet();

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm || form.dataset.confirm;
  if (question && !confirmed.has(form)) {
    event.preventDefault();
    if (await ask(question)) {
      confirmed.add(form);
      form.requestSubmit(event.submitter);
    }
    return;
  }
  confirmed.delete(form);
  if ("once" in form.dataset && !event.defaultPrevented) {
    // After the browser has collected the values: a disabled button's value isn't sent.
    setTimeout(() => setBusy(form, true));
  }
  clean(form);
});

function setBusy(form, busy) {
  for (const button of form.querySelectorAll('button[type="submit"]')) {
    button.disabled = busy;
    button.classList.toggle("btn-loading", busy);
  }
}

// Coming back by the back button shows the page as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[data-once]")) setBusy(form, false);
});

// A form with data-guard asks the browser to warn before typed text is left behind.
const dirty = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) dirty.add(form);
});
/** Say that `form` holds nothing unsaved. */
export function clean(form) {
  dirty.delete(form);
}
window.addEventListener("beforeunload", (event) => {
  if (dirty.size) event.preventDefault();
});

document.addEventListener("change", (event) => {
  if ("submitOnChange" in event.target.dataset) event.target.form.requestSubmit();
});

// Empty filters stay out of the address.
document.addEventListener("submit", (event) => {
  if (!("filters" in event.target.dataset)) return;
  for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
});

// --- lists -----------------------------------------------------------------------------------------

function countChosen() {
  const bar = document.querySelector("form[data-bulk]");
  if (!bar) return;
  const boxes = [...document.querySelectorAll('input[name="rowid"][form="bulk"]')];
  const everything = bar.querySelector("[data-bulk-all]");
  const takesAll = everything?.checked ?? false;
  for (const box of boxes) box.disabled = takesAll;
  const chosen = takesAll ? Number(everything.dataset.bulkAll) : boxes.filter((box) => box.checked).length;
  const label = bar.querySelector("[data-bulk-count]");
  label.dataset.empty ??= label.textContent;
  label.textContent = chosen ? label.dataset.bulkCount.replace("{n}", chosen) : label.dataset.empty;
  for (const button of bar.querySelectorAll('button[type="submit"]')) button.disabled = !chosen;
  const all = document.querySelector("[data-check-all]");
  if (all) {
    all.disabled = takesAll;
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}
document.addEventListener("change", (event) => {
  if ("checkAll" in event.target.dataset) {
    for (const box of document.querySelectorAll('input[name="rowid"][form="bulk"]')) box.checked = event.target.checked;
  }
  if ("checkAll" in event.target.dataset || "bulkAll" in event.target.dataset || event.target.name === "rowid") countChosen();
});
window.addEventListener("pageshow", countChosen);

// --- small things ----------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const reveal = event.target.closest("[data-reveal]");
  if (reveal) {
    const field = document.getElementById(reveal.dataset.reveal);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    reveal.setAttribute("aria-pressed", String(!shown));
    reveal.querySelector(".ti")?.classList.replace(shown ? "ti-eye-off" : "ti-eye", shown ? "ti-eye" : "ti-eye-off");
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(document.querySelector(copy.dataset.copy)?.textContent.trim() ?? copy.dataset.copy);
    if (copy.dataset.copied) toast(copy.dataset.copied);
  }
  if (event.target.closest("[data-print]")) window.print();
  const back = event.target.closest("[data-back]");
  if (back && history.length > 1) {
    // Going back keeps what was typed; following the link would load an empty form.
    event.preventDefault();
    history.back();
  }
});

document.querySelector("[data-focus]")?.focus();

// On a narrow screen the menu of an area scrolls: show where we are.
const menu = document.querySelector(".ps-area-nav");
const here = menu?.querySelector(".active");
if (here) menu.scrollLeft = here.offsetLeft - (menu.clientWidth - here.clientWidth) / 2;
