// @ts-check
import { htmlOf } from "./markdown.js";

const NOTHING = { references: {}, footnotes: {}, order: [] };

/**
 * A block of code that is being written. Until a line closes it, all that comes is code: it is added to what stands there,
 * and neither parsed nor rendered again, so that a long block costs what is new in it.
 *
 * @import { Block } from "./markdown.js"
 * @import { Shown } from "./shown-blocks.js"
 */
export class OpenFence {
  /**
   * @param {string} text
   * @param {number} start where the open end of the text begins
   * @param {Block | undefined} block its last block
   * @param {Shown | undefined} shown
   * @returns {OpenFence | null} where the text ends in one
   */
  static in(text, start, block, shown) {
    const fence = block?.tokens[0];
    if (fence?.type !== "fence" || !block || !shown) return null;
    const lineStart = nthLine(text, start, block.lines[0]);
    const code = /** @type {Element} */ (shown.nodes[0])?.querySelector?.("code");
    const begun = text.indexOf("\n", lineStart) + 1;
    if (!code || !begun || !text.startsWith(fence.markup, lineStart)) return null;
    const open = new OpenFence(block, begun, code, shown);
    return open.#isClosed(text) ? null : open;
  }

  constructor(block, begun, code, shown) {
    const [fence] = block.tokens;
    const { markup } = fence;
    this.block = block;
    this.fence = fence;
    this.closing = new RegExp(`^ {0,3}\\${markup[0]}{${markup.length},}[ \\t]*$`);
    this.line = this.begun = begun;
    this.code = code;
    this.shown = shown;
  }

  /** @param {string} text @returns {boolean} whether it shows the text now */
  follow(text) {
    if (!this.code.lastChild) this.code.append("");
    const node = /** @type {Text} */ (this.code.lastChild);
    const closed = this.#isClosed(text);
    const content = text.slice(this.begun, closed ? this.line : undefined);
    if (node.length > content.length) node.deleteData(content.length, node.length); // half of the closing line
    else node.appendData(content.slice(node.length));
    if (closed) this.#standsAs(content);
    return !closed;
  }

  /** Nothing more will come. @param {string} text */
  end(text) {
    if (this.follow(text)) this.#standsAs(this.code.textContent ?? "");
  }

  /** What stands there now, so that it stays when the block is rendered as a whole. @param {string} content */
  #standsAs(content) {
    this.shown.html = htmlOf({ ...this.block, tokens: [Object.assign(this.fence, { content })] }, NOTHING);
  }

  /** @param {Text} node */
  #takeBackHalfOfTheClosingLine(node) {
    const half = /(?<=^|\n) {0,3}[`~]+[ \t]*$/.exec(node.data);
    if (half) node.deleteData(half.index, half[0].length);
  }

  #isClosed(text) {
    for (let end = text.indexOf("\n", this.line); end >= 0; end = text.indexOf("\n", this.line)) {
      if (this.closing.test(text.slice(this.line, end))) return true;
      this.line = end + 1;
    }
    return this.closing.test(text.slice(this.line));
  }
}

function nthLine(text, from, number) {
  let start = from;
  for (let line = 0; line < number; line += 1) start = text.indexOf("\n", start) + 1;
  return start;
}
