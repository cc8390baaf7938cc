// @ts-check
import { dressCode } from "./code-blocks.js";
import { whenNear } from "./when-near.js";

/**
 * What rendered blocks get that Markdown cannot say: tools, colours, typeset formulas, ways between footnotes. What few
 * answers need is loaded when one does.
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
  const have = (/** @type {string} */ selector) =>
    elements.some((element) => element.matches(selector) || element.querySelector(selector));
  dressCode(elements, settled);
  if (have(".formula")) import("./formulas.js").then(({ dressFormulas }) => dressFormulas(elements), () => undefined);
  if (have(".footnote-to, .footnotes")) {
    import("./footnotes.js").then(({ dressFootnotes }) => dressFootnotes(elements), () => undefined);
  }
}
