// @ts-check
/**
 * Does this key press send the message?
 *
 * Never while an input method composes: there Enter picks a word. `keyCode` 229 is how Safari says so in the key press
 * that ends a composition, where `isComposing` is false already. On a phone's keyboard Enter is the only way to a new
 * line, so there the button sends.
 *
 * @param {Pick<KeyboardEvent, "key" | "shiftKey" | "altKey" | "ctrlKey" | "metaKey" | "isComposing" | "keyCode">} event
 * @param {{ coarsePointer: boolean }} device
 */
export function enterSends(event, { coarsePointer }) {
  if (event.key !== "Enter") return false;
  if (event.isComposing || event.keyCode === 229) return false;
  if (event.shiftKey || event.altKey) return false;
  if (event.ctrlKey || event.metaKey) return true;
  return !coarsePointer;
}
