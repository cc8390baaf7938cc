// @ts-check
/**
 * Copies a text. Browsers withhold the clipboard API on plain HTTP; there a hidden text area is selected for the old
 * command, which is handed the text as it is (copied from what is drawn, code would lose its indentation), and the
 * reader's selection and focus are put back.
 * @param {string} text
 * @returns {Promise<boolean>} whether it worked
 */
export async function copyText(text) {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused (no permission, no focus): the old way may still do.
  }
  return copyBySelection(text);
}

/** @param {string} text */
function copyBySelection(text) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const selection = document.getSelection();
  const ranges = Array.from({ length: selection?.rangeCount ?? 0 }, (_, i) => selection?.getRangeAt(i));
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  area.setSelectionRange(0, text.length);
  const handOver = (/** @type {ClipboardEvent} */ event) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
  };
  area.addEventListener("copy", handOver);
  let copied = false;
  try {
    copied = document.execCommand("copy");
  } catch {
    copied = false;
  }
  area.remove();
  selection?.removeAllRanges();
  for (const range of ranges) if (range) selection?.addRange(range);
  focused?.focus({ preventScroll: true });
  return copied;
}
