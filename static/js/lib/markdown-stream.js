// @ts-check
import { normalise, outline, renderMarkdown } from "./markdown.js";

/**
 * Shows a growing text. Finished blocks are rendered once and then left alone (a selection in them survives); only the
 * open end is rendered again. At every moment the result equals rendering the whole at once:
 *
 * - a block is finished when another one has begun after it in *complete* lines: an unfinished line may still turn out
 *   to be something else ("***" is a rule until it is "***bold***");
 * - a link definition below changes "[name]" above, so when the definitions change, all is rendered again.
 *
 * @import { Definitions } from "./markdown.js"
 */
export class MarkdownStream {
  #finished = "";
  #nodes = 0;
  /** @type {Definitions} */
  #finishedDefinitions = {};
  #definitions = "{}";
  #tried = "";

  /**
   * @param {Element} container
   * @param {(nodes: Node[], settled: boolean) => void} [dress] is handed new nodes: settled ones stay, others will be
   *   replaced by the next update
   */
  constructor(container, dress = () => {}) {
    this.container = container;
    this.dress = dress;
  }

  /** @param {string} source the whole text so far */
  update(source) {
    this.#render(source);
    this.dress(this.#openNodes(), false);
  }

  /** Nothing more will come. @param {string} source */
  finish(source) {
    this.#render(source);
    this.dress(this.#openNodes(), true);
  }

  #render(source) {
    const text = normalise(source);
    if (!text.startsWith(this.#finished)) this.#startOver();
    let definitions = this.#definitionsIn(text);
    const signature = JSON.stringify(definitions);
    if (signature !== this.#definitions) {
      this.#startOver();
      definitions = this.#definitionsIn(text);
      this.#definitions = signature;
    }
    this.#finishBlocks(text, definitions);
    this.#replaceOpen(renderMarkdown(text.slice(this.#finished.length), definitions));
  }

  /** Cuts the blocks that cannot change any more off the open end. */
  #finishBlocks(text, definitions) {
    const lines = text.slice(this.#finished.length, text.lastIndexOf("\n") + 1);
    if (lines === this.#tried) return;
    this.#tried = lines;
    const { blocks } = outline(lines);
    if (blocks.length < 2) return;
    // The cut is at the end of the last finished block, not at the start of the next: what lies between may be a link
    // definition whose title still grows.
    const [[, after], [next]] = blocks.slice(-2);
    const slice = lines.split("\n", Math.min(after, next)).join("\n") + "\n";
    this.#replaceOpen(renderMarkdown(slice, definitions));
    const nodes = this.#openNodes();
    this.#nodes += nodes.length;
    this.#finishedDefinitions = { ...outline(slice).definitions, ...this.#finishedDefinitions };
    this.#finished += slice;
    this.dress(nodes, true);
  }

  /** @returns {Definitions} the first of a name wins, as in Markdown */
  #definitionsIn(text) {
    return { ...outline(text.slice(this.#finished.length)).definitions, ...this.#finishedDefinitions };
  }

  #openNodes() {
    return Array.from(this.container.childNodes).slice(this.#nodes);
  }

  #replaceOpen(fragment) {
    for (const node of this.#openNodes()) node.remove();
    this.container.append(fragment);
  }

  #startOver() {
    this.#nodes = 0;
    this.#finished = "";
    this.#finishedDefinitions = {};
    this.#definitions = "{}";
    this.#tried = "";
  }
}
