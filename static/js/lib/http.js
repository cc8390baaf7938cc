// @ts-check
import { meta } from "./dom.js";
import { gettext } from "./i18n.js";

/**
 * What a caller takes for a yes, where not every answer of 200 to 299 is one.
 * @typedef {{ status?: number, type?: "json" | "html" }} Expected
 */

/** A refusal or a broken line, with a sentence for the person. */
export class RequestError extends Error {
  /** @param {string} code @param {string} sentence @param {number} [status] */
  constructor(code, sentence, status = 0) {
    super(sentence);
    this.code = code;
    this.status = status;
  }
}

/** @param {string} url @param {Expected} [expected] */
export const get = (url, expected) => send(url, { method: "GET" }, expected);

/**
 * @param {string} url
 * @param {Record<string, string>} [fields]
 * @param {Expected} [expected]
 * @param {RequestInit} [request] what is special about it
 */
export const post = (url, fields = {}, expected = {}, request = {}) =>
  send(url, { ...request, method: "POST", body: new URLSearchParams(fields) }, expected);

/**
 * @param {string} url
 * @param {RequestInit} request
 * @param {Expected} [expected]
 * @returns {Promise<any>} what the answer holds, JSON or a text; everything but the expected answer is thrown
 */
async function send(url, request, expected = {}) {
  const headers = { Accept: "application/json, text/html", "X-Requested-With": "fetch" };
  if (request.method !== "GET") headers["X-CSRFToken"] = meta("csrf-token");
  let response;
  try {
    response = await fetch(url, { ...request, headers, credentials: "same-origin" });
  } catch {
    throw offline();
  }
  // The portal sends no script to another page: that is a log-in page, ours or a proxy's, and its 200 no yes.
  if (response.redirected) throw loggedOut(response);
  if (!response.ok) throw await refusal(response);
  const type = response.headers.get("Content-Type")?.includes("json") ? "json" : "html";
  const { status, type: wanted = type } = expected;
  if ((status && response.status !== status) || type !== wanted) throw unexpected(response);
  return body(response, type);
}

/** @param {Response} response @param {"json" | "html"} type */
async function body(response, type) {
  try {
    return await (type === "json" ? response.json() : response.text());
  } catch {
    throw offline(); // it broke off
  }
}

/** @param {Response} response */
async function refusal(response) {
  try {
    const { error } = await response.json();
    return new RequestError(error.code, error.message, response.status);
  } catch {
    return unexpected(response);
  }
}

const offline = () =>
  new RequestError("offline", gettext("The portal cannot be reached. Nothing is lost; please try again."));

/** @param {Response} response */
const loggedOut = ({ status }) =>
  new RequestError("logged_out", gettext("You have to log in again: reload the page. What you typed is kept."), status);

/** @param {Response} response */
const unexpected = ({ status }) => new RequestError("unexpected", sentenceFor(status), status);

/** For answers that are not the portal's own: a proxy's page, a CSRF refusal. @param {number} status */
function sentenceFor(status) {
  if (status === 403) return gettext("The portal refused this. Reload the page and try again; your text is kept.");
  if (status === 413) return gettext("This text is too long to send.");
  if (status === 429) return gettext("Too many requests. Wait a moment and try again.");
  return gettext("The portal could not answer. Nothing is lost; please try again.");
}
