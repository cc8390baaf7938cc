// @ts-check
/**
 * Changes what stands in a scrolling pane without moving what the reader looks at.
 * @param {HTMLElement} pane
 * @param {HTMLElement[]} messages of which one that stays is held in its place: the first that is in sight
 * @param {() => void} change
 */
export function keepPlace(pane, messages, change) {
  const { top, bottom } = pane.getBoundingClientRect();
  const places = new Map();
  for (const message of messages) {
    const box = message.getBoundingClientRect();
    if (box.bottom >= top && box.top <= bottom) places.set(message.dataset.messageId, box.top);
  }
  change();
  for (const [id, place] of places) {
    const message = pane.querySelector(`[data-message-id="${CSS.escape(id)}"]`);
    if (!message) continue;
    pane.scrollTop += message.getBoundingClientRect().top - place;
    return;
  }
}
