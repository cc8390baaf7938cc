// @ts-check
import { fromTemplate } from "./dom.js";

/** Where a part that few messages have stands: before or after which other one. */
const PLACES = {
  reasoning: (message, part) => message.querySelector(".message__text").before(part),
  notice: (message, part) => message.querySelector(".message__text").after(part),
  unusual: (message, part) => message.querySelector(".message__notice, .message__text:not(:has(~ .message__notice))").after(part),
};
const SELECTORS = { reasoning: ".message__reasoning", notice: ".message__notice", unusual: ".message__details" };

/**
 * A part of a message, drawn when it is first wanted: a long conversation would else hold thousands that say nothing.
 * @param {HTMLElement} message
 * @param {"reasoning" | "notice" | "unusual"} name
 * @param {boolean} wanted
 * @returns {HTMLElement | null}
 */
export function showPart(message, name, wanted) {
  let part = /** @type {HTMLElement | null} */ (message.querySelector(SELECTORS[name]));
  if (!part && wanted) {
    part = fromTemplate(name);
    if (part) PLACES[name](message, part);
  }
  if (part) part.hidden = !wanted;
  return part;
}
