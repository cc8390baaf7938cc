// @ts-check
import { gettext } from "./i18n.js";
import { get, post } from "./http.js";

const HTML = { type: /** @type {const} */ ("html") };

/**
 * What can be done with a message, as requests to the server. Each gives the part of the branch to be shown then.
 * @typedef {{ dataset: DOMStringMap }} Message
 */

/** @param {Message} message @param {string} kind @param {string} [model] @returns {Promise<string>} */
export const generate = ({ dataset }, kind, model) =>
  post(`${dataset.url}generations/`, { kind, ...(model ? { model } : {}) }, { ...HTML, status: 201 });

/**
 * @param {Message} message
 * @param {{ text: string, id: string, model?: string }} said `id` stays the same when the same text is sent again
 * @returns {Promise<string>}
 */
export const edit = ({ dataset }, { text, id, model }) =>
  post(`${dataset.url}edit/`, { text, client_id: id, ...(model ? { model } : {}) }, { ...HTML, status: 201 });

/** @param {Message} message @param {string} id of the version to show @returns {Promise<string>} */
export const showVersion = ({ dataset }, id) => post(`${sibling(dataset.url ?? "", id)}version/`, {}, HTML);

/** @param {Message} message @returns {Promise<string>} */
export const remove = ({ dataset }) => post(`${dataset.url}delete/`, {}, HTML);

/** @param {Message} message @returns {Promise<string>} */
export const restore = ({ dataset }) => post(`${dataset.url}restore/`, {}, HTML);

/** @param {Message} message @param {"left_out" | "ends_context"} name @param {boolean} on @returns {Promise<string>} */
export const mark = ({ dataset }, name, on) => post(`${dataset.url}context/`, { mark: name, on: on ? "1" : "0" }, HTML);

/** @param {Message} message @returns {Promise<{ url: string }>} */
export const copyConversation = ({ dataset }) => post(`${dataset.url}copy/`, {}, { type: "json", status: 201 });

/** @param {Message} message @returns {Promise<string>} */
export const fetchDetails = ({ dataset }) => get(`${dataset.url}details/`, HTML);

/** What the menu of a message offers. @param {Message & { view?: "raw" | "formatted" | null }} message */
export function menuOf({ dataset, view = null }) {
  return [
    ...(view === "formatted" ? ["raw"] : view === "raw" ? ["formatted"] : []),
    "picture",
    "details",
    "leftOut" in dataset ? "take_in" : "leave_out",
    "endsContext" in dataset ? "remember" : "forget",
    "copy_conversation",
    "delete",
  ];
}

export const deletedSentence = () => gettext("The message was deleted.");

/** @param {string} url ending in a message's id and a slash @param {string} id */
const sibling = (url, id) => url.replace(/[^/]+\/$/, `${id}/`);
