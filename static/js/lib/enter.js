// @ts-check
/**
 * Does this key press belong to an input method? There Enter picks a word and Escape drops it. `keyCode` 229 is how
 * Safari says so in the key press that ends a composition, where `isComposing` is false already.
 *
 * @param {Pick<KeyboardEvent, "isComposing" | "keyCode">} event
 */
export const composes = ({ isComposing, keyCode }) => isComposing || keyCode === 229;

/**
 * Does this key press send the message?
 *
 * Never while an input method composes. On a phone's keyboard Enter is the only way to a new line, so there the button
 * sends.
 *
 * @param {Pick<KeyboardEvent, "key" | "shiftKey" | "altKey" | "ctrlKey" | "metaKey" | "isComposing" | "keyCode">} event
 * @param {{ coarsePointer: boolean }} device
 */
export function enterSends(event, { coarsePointer }) {
  if (event.key !== "Enter") return false;
  if (composes(event)) return false;
  if (event.shiftKey || event.altKey) return false;
  if (event.ctrlKey || event.metaKey) return true;
  return !coarsePointer;
}
