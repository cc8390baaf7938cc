// @ts-check
import { meta } from "./dom.js";
import { gettext } from "./i18n.js";

/** A refusal or a broken line, with a sentence for the person. */
export class RequestError extends Error {
  /** @param {string} code @param {string} sentence @param {number} [status] */
  constructor(code, sentence, status = 0) {
    super(sentence);
    this.code = code;
    this.status = status;
  }
}

/** @param {string} url */
export const get = (url) => send(url, { method: "GET" });

/** @param {string} url @param {Record<string, string>} [fields] */
export const post = (url, fields = {}) => send(url, { method: "POST", body: new URLSearchParams(fields) });

/**
 * @param {string} url
 * @param {RequestInit} request
 * @returns {Promise<Response>} an answer that says yes; everything else is thrown
 */
async function send(url, request) {
  const headers = { Accept: "application/json, text/html", "X-Requested-With": "fetch" };
  if (request.method !== "GET") headers["X-CSRFToken"] = meta("csrf-token");
  let response;
  try {
    response = await fetch(url, { ...request, headers, credentials: "same-origin" });
  } catch {
    throw new RequestError("offline", gettext("The portal cannot be reached. Nothing is lost; please try again."));
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

/** @param {Response} response */
async function refusal(response) {
  try {
    const { error } = await response.json();
    return new RequestError(error.code, error.message, response.status);
  } catch {
    return new RequestError("unexpected", sentenceFor(response.status), response.status);
  }
}

/** For answers that are not the portal's own: a proxy's page, a CSRF refusal. @param {number} status */
function sentenceFor(status) {
  if (status === 403) return gettext("The portal refused this. Reload the page and try again; your text is kept.");
  if (status === 413) return gettext("This text is too long to send.");
  if (status === 429) return gettext("Too many requests. Wait a moment and try again.");
  return gettext("The portal could not answer. Nothing is lost; please try again.");
}
