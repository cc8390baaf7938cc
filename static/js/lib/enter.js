// @ts-check
/**
 * Does this key press belong to an input method? There Enter picks a word and Escape drops it. `keyCode` 229 is how
 * Safari says so in the key press that ends a composition, where `isComposing` is false already.
 *
 * @param {Pick<KeyboardEvent, "isComposing" | "keyCode">} event
 */
export const composes = ({ isComposing, keyCode }) => isComposing || keyCode === 229;

/**
 * Does Enter alone send? On a phone's keyboard it is the only way to a new line, so there the button sends, unless
 * the member decided otherwise: `enterKey` is `device`, `send` or `newline`.
 *
 * @param {{ coarsePointer: boolean, enterKey?: string }} device
 */
export const enterIsSend = ({ coarsePointer, enterKey = "device" }) =>
  enterKey === "send" || (enterKey !== "newline" && !coarsePointer);

/**
 * Does this key press send the message? Never while an input method composes; with Ctrl or Cmd always.
 *
 * @param {Pick<KeyboardEvent, "key" | "shiftKey" | "altKey" | "ctrlKey" | "metaKey" | "isComposing" | "keyCode">} event
 * @param {{ coarsePointer: boolean, enterKey?: string }} device
 */
export function enterSends(event, device) {
  if (event.key !== "Enter") return false;
  if (composes(event)) return false;
  if (event.shiftKey || event.altKey) return false;
  if (event.ctrlKey || event.metaKey) return true;
  return enterIsSend(device);
}
