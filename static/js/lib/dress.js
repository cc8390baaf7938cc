// @ts-check
import { dressCode } from "./code-blocks.js";
import { dressFootnotes } from "./footnotes.js";
import { dressFormulas } from "./formulas.js";
import { whenNear } from "./when-near.js";

/**
 * What rendered blocks get that Markdown cannot say: tools, colours, typeset formulas, ways between footnotes.
 * @param {Node[]} nodes
 * @param {boolean} settled whether they will stay as they are
 */
export function dress(nodes, settled) {
  const elements = /** @type {HTMLElement[]} */ (nodes.filter((node) => node instanceof Element));
  const [first] = elements;
  if (elements.length === 1 && first.matches(".slice")) whenNear(first, () => dressNow([first], settled));
  else dressNow(elements, settled);
}

/** @param {HTMLElement[]} elements @param {boolean} settled */
function dressNow(elements, settled) {
  dressCode(elements, settled);
  dressFormulas(elements);
  dressFootnotes(elements);
}
