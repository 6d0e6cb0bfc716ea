// Requests that outlive an expired session: they renew the CSRF token after the person signed in again,
// and tell "no network", "signed out" and "refused" apart.

const body = document.body;
const page = document.querySelector("[data-words]");
const words = page ? JSON.parse(page.dataset.words) : {};

/** The page's own (already translated) text `name`, with %(key)s replaced. */
export function say(name, parameters = {}) {
  return Object.entries(parameters).reduce(
    (text, [key, value]) => text.replaceAll(`%(${key})s`, value),
    words[name] ?? name,
  );
}

export class Offline extends Error {}

export class SignedOut extends Error {
  /** @param {boolean} other whether another account is signed in now */
  constructor(other = false) {
    super("signed out");
    this.other = other;
  }
}

export class Refusal extends Error {
  constructor(status, answer) {
    super(answer?.message ?? say("failed"));
    this.status = status;
    this.answer = answer ?? {};
  }
}

function useToken(value) {
  body.dataset.csrf = value;
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = value;
}

/** Ask who is signed in and take a fresh token; throws Offline or SignedOut. */
export async function renew() {
  let response;
  try {
    response = await fetch("/session", { headers: { Accept: "application/json" }, cache: "no-store" });
  } catch {
    throw new Offline();
  }
  if (!response.ok) throw new Offline();
  const session = await response.json();
  if (!session.signed_in) throw new SignedOut();
  if (session.user !== body.dataset.user) throw new SignedOut(true);
  useToken(session.csrf);
}

// XMLHttpRequest, because fetch cannot tell the progress of an upload.
function send(url, data, onProgress) {
  // A token in the body could be older than the header's, and would win.
  data.delete("csrf_token");
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", body.dataset.csrf);
    request.setRequestHeader("X-Requested-With", "fetch");
    request.responseType = "text";
    if (onProgress) {
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) onProgress(event.loaded / event.total);
      });
    }
    request.addEventListener("load", () => resolve(request));
    request.addEventListener("error", () => reject(new Offline()));
    request.addEventListener("timeout", () => reject(new Offline()));
    request.timeout = onProgress ? 0 : 30000;
    request.send(data);
  });
}

function answerOf(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return null;
  }
}

/**
 * POST the FormData `data` and return the JSON answer.
 * Throws Offline, SignedOut or Refusal (with status and answer).
 */
export async function post(url, data, onProgress = null) {
  let request = await send(url, data, onProgress);
  let answer = answerOf(request);
  if (request.status === 401 || answer?.error === "stale-page") {
    await renew();
    request = await send(url, data, onProgress);
    answer = answerOf(request);
  }
  // A gateway's error or a restarting server: what was typed is kept and sent again later.
  if (request.status === 0 || request.status >= 502) throw new Offline();
  if (request.status === 401) throw new SignedOut();
  if (request.status >= 400 || answer === null) throw new Refusal(request.status, answer);
  return answer;
}

/** Put `text` into the page's announcement line for screen readers. */
export function announce(text) {
  const line = document.querySelector("[data-announce]");
  if (line) line.textContent = text;
}

export { page };
