// @ts-check
/**
 * Marks words in an element without touching its nodes, where the browser can (CSS Custom Highlight API).
 * @param {Element} element
 * @param {string} words as they were searched for
 */
export function light(element, words) {
  const wanted = words.split(/\s+/).filter(Boolean);
  if (!wanted.length || !("highlights" in CSS)) return;
  const pattern = new RegExp(wanted.map(escapeRegExp).join("|"), "giu");
  const ranges = [];
  const texts = document.createTreeWalker(element.querySelector(".message__text") ?? element, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    for (const { index, 0: found } of (node.nodeValue ?? "").matchAll(pattern)) {
      const range = new Range();
      range.setStart(node, index);
      range.setEnd(node, index + found.length);
      ranges.push(range);
    }
  }
  CSS.highlights.set("lit", new Highlight(...ranges));
}

/** @param {string} text */
export const escapeRegExp = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
