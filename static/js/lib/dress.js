// @ts-check
import { dressCode } from "./code-blocks.js";
import { dressFootnotes } from "./footnotes.js";
import { dressFormulas } from "./formulas.js";

/**
 * What rendered blocks get that Markdown cannot say: tools, colours, typeset formulas, ways between footnotes.
 * @param {Node[]} nodes
 * @param {boolean} settled whether they will stay as they are
 */
export function dress(nodes, settled) {
  const elements = /** @type {HTMLElement[]} */ (nodes.filter((node) => node instanceof Element));
  dressCode(elements, settled);
  dressFormulas(elements);
  dressFootnotes(elements);
}
