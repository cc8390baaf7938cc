// @ts-check
import { isActive } from "../socket/events.js";

/**
 * Makes a list of messages equal to a fresh one from the server, keeping the elements that know as much or more: a
 * message that streams here may be ahead of the page just fetched.
 * @param {Element} list
 * @param {Iterable<HTMLElement>} fresh
 */
export function reconcile(list, fresh) {
  const wanted = [...fresh];
  const ids = new Set(wanted.map(({ dataset }) => dataset.messageId));
  for (const message of messagesIn(list)) if (!ids.has(message.dataset.messageId)) message.remove();
  const present = new Map(messagesIn(list).map((message) => [message.dataset.messageId, message]));
  let next = messagesIn(list)[0] ?? null;
  for (const candidate of wanted) {
    const known = present.get(candidate.dataset.messageId);
    const message = known && knowsAsMuch(known, candidate) ? known : candidate;
    if (known && known === next) next = following(known);
    if (known && known !== message) known.replaceWith(message);
    // Moving an element would wake it anew and lose the reader's selection in it.
    if (message.parentNode !== list || following(message) !== next) list.insertBefore(message, next);
  }
}

/** @param {ParentNode} list @returns {HTMLElement[]} */
export const messagesIn = (list) => /** @type {HTMLElement[]} */ ([...list.children].filter((c) => c.matches(MESSAGE)));

const MESSAGE = "chat-message";

/** Whether what stands here is at least as new. @param {HTMLElement} known @param {HTMLElement} fresh */
export function knowsAsMuch({ dataset: known }, { dataset: fresh }) {
  if ("editing" in known) return true; // somebody writes in it
  if (known.generationId !== fresh.generationId || known.marks !== fresh.marks) return false;
  const ahead = Number(known.sequence ?? 0) - Number(fresh.sequence ?? 0);
  if (known.status === fresh.status) return ahead >= 0;
  if (isActive(known.status) && isActive(fresh.status)) return ahead > 0;
  return !isActive(known.status) && isActive(fresh.status); // it ended here while the page was on its way
}

/** @param {Element} message @returns {HTMLElement | null} */
function following(message) {
  let next = message.nextElementSibling;
  while (next && !next.matches(MESSAGE)) next = next.nextElementSibling;
  return /** @type {HTMLElement | null} */ (next);
}
