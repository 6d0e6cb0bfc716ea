// The one way from a script to the server, for every page. It takes a fresh token where the page's has grown
// old, tells "no network", "signed out" and "refused" apart, and waits for the network or for the person to
// sign in again. No other script sends; htmx.js makes htmx behave the same.

import { say, toast } from "./speak.js";

const body = document.body;
const TIMEOUT = 30000; // ms until an exchange without progress counts as lost
const CHECK = 4000; // ms between looks whether the network is back

/** The server can't be reached, or is just starting. */
export class Offline extends Error {}

/** Nobody, or somebody else, is signed in. */
export class SignedOut extends Error {
  /** @param {boolean} other whether another account is signed in now */
  constructor(other = false) {
    super("signed out");
    this.other = other;
  }
}

/** The server said no; the message is its sentence, `answer` its JSON. */
export class Refusal extends Error {
  constructor(status, answer) {
    super(answer?.message ?? say("failed"));
    this.status = status;
    this.answer = answer ?? {};
  }
}

// --- one exchange ----------------------------------------------------------------------------------

// XMLHttpRequest, because fetch cannot tell the progress of an upload.
function once(method, url, data, { progress = null, signal = null } = {}) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-Requested-With", "fetch");
    if (method === "POST") request.setRequestHeader("X-CSRFToken", body.dataset.csrf);
    else request.setRequestHeader("Cache-Control", "no-cache");
    if (progress) {
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) progress(event.loaded / event.total);
      });
    }
    request.addEventListener("load", () => resolve(request));
    request.addEventListener("error", () => reject(new Offline()));
    request.addEventListener("timeout", () => reject(new Offline()));
    request.addEventListener("abort", () => reject(signal.reason));
    signal?.addEventListener("abort", () => request.abort());
    request.timeout = progress ? 0 : TIMEOUT;
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

/** Whether an answer says that the page's token, or the session it belongs to, is over. */
export const isExpired = (status, answer) => status === 401 || answer?.error === "stale-page";

/** Whether there is no answer but a gateway's error or a restarting server: it will answer later. */
export const isAway = (status) => status === 0 || status >= 502;

/** Ask who is signed in and take a fresh token; throws Offline or SignedOut. */
export async function renew() {
  const request = await once("GET", "/session", null);
  const session = request.status === 200 ? answerOf(request) : null;
  if (!session) throw new Offline();
  if (!session.signed_in) throw new SignedOut();
  if (body.dataset.user && session.user !== body.dataset.user) throw new SignedOut(true);
  body.dataset.csrf = session.csrf;
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = session.csrf;
}

async function exchange(method, url, data, options) {
  let request = await once(method, url, data, options);
  if (isExpired(request.status, answerOf(request))) {
    await renew();
    request = await once(method, url, data, options);
  }
  const answer = answerOf(request);
  if (isAway(request.status)) throw new Offline();
  if (request.status === 401) throw new SignedOut();
  if (request.status >= 400 || answer === null) throw new Refusal(request.status, answer);
  return answer;
}

/** GET `url` and return the JSON answer; throws Offline, SignedOut, Refusal, or the reason of `options.signal`. */
export const get = (url, options = {}) => exchange("GET", url, null, options);

/**
 * POST the FormData `data` and return the JSON answer; `options.progress` is told the share that is sent.
 * Throws Offline, SignedOut or Refusal (with status and answer).
 */
export function post(url, data, options = {}) {
  // A token in the body could be older than the header's, and would win.
  data.delete("csrf_token");
  return exchange("POST", url, data, options);
}

// --- waiting ---------------------------------------------------------------------------------------

/** `send()` and its result, sent again after a lost network or an ended session; a Refusal is thrown. */
export async function patiently(send) {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      await recovered(error);
    }
  }
}

/** Resolves when what `error` tells of is over, and says meanwhile what to do; throws what no waiting mends. */
export async function recovered(error) {
  if (error instanceof Offline) await untilOnline();
  else if (error instanceof SignedOut) await untilSignedIn(error.other);
  else throw error;
}

/** Several may wait for the same. */
const waits = new Map();

function shared(bar, wait) {
  if (!waits.has(bar)) {
    bar.hidden = false;
    const over = () => {
      bar.hidden = true;
      waits.delete(bar);
    };
    waits.set(bar, wait(bar).then(over));
  }
  return waits.get(bar);
}

function untilOnline() {
  return shared(document.getElementById("ps-offline"), () => new Promise((resolve) => {
    const look = async () => {
      const request = await once("GET", "/healthz", null).catch(() => null);
      if (request?.status !== 200) return;
      clearInterval(timer);
      window.removeEventListener("online", look);
      resolve();
    };
    const timer = setInterval(look, CHECK);
    window.addEventListener("online", look);
  }));
}

function untilSignedIn(isOther) {
  if (isOther) toast(say("otherUser"), true);
  return shared(document.getElementById("ps-signed-out"), (bar) => new Promise((resolve) => {
    const look = async () => {
      if (document.visibilityState === "hidden") return;
      try {
        await renew();
      } catch (error) {
        if (!(error instanceof Offline || error instanceof SignedOut)) throw error;
        if (error.other) toast(say("otherUser"), true);
        return; // the bar stays
      }
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    bar.querySelector("[data-resume]").onclick = look;
    document.addEventListener("visibilitychange", look);
  }));
}

/** What to tell the person of `error` where nothing waits; `doing` is the page's word for what failed. */
export function reason(error, doing) {
  if (error instanceof Refusal) return error.message;
  if (error instanceof Offline) return say(`${doing}_offline`);
  if (error instanceof SignedOut) return say(error.other ? "otherUser" : `${doing}_signed_out`);
  throw error;
}
