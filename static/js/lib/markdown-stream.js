// @ts-check
import { htmlOf, htmlOfNotes, normalise, outline } from "./markdown.js";
import { OpenFence } from "./open-fence.js";
import { ShownBlocks } from "./shown-blocks.js";

/** More than this is not rendered at one go, but in slices: the page stays usable meanwhile, and draws those in sight. */
const AT_ONE_GO = 60_000;
const SLICE = 8_000; // characters
const SLICE_MS = 12;

/**
 * Shows a growing text. Finished blocks are rendered once and then left alone; only the open end is rendered again. At
 * every moment the result equals rendering the whole at once:
 *
 * - a block is finished when another one has begun after it in *complete* lines: an unfinished line may still turn out
 *   to be something else ("***" is a rule until it is "***bold***"), and so may a formula that is not closed;
 * - a definition below changes "[name]" and "[^name]" above, so when there are others, all is rendered again.
 *
 * @import { Block, Definitions } from "./markdown.js"
 */
export class MarkdownStream {
  #finished = ""; // the source of the finished blocks
  #blocks = 0; // their number
  /** @type {Definitions} */
  #defined = { references: {}, footnotes: {} };
  #signature = "";
  /** @type {string[]} the footnotes that they refer to */
  #order = [];
  #tried = "";
  #run = 0;
  /** @type {OpenFence | null} */
  #fence = null;

  /**
   * @param {Element} container
   * @param {(nodes: Node[], settled: boolean) => void} [dress]
   */
  constructor(container, dress = () => {}) {
    this.shown = new ShownBlocks(container, dress);
  }

  /** @param {string} source the whole text so far */
  update(source) {
    this.#run += 1;
    const text = this.#begin(source);
    if (!this.#fence?.follow(text)) this.#render(text);
  }

  /**
   * Nothing more will come.
   * @param {string} source
   * @returns {Promise<void> | void} a promise where it is too long for one go
   */
  finish(source) {
    const run = (this.#run += 1);
    const text = this.#begin(source);
    this.#fence?.end(text);
    this.#fence = null;
    const rest = text.slice(this.#finished.length);
    const { blocks, definitions } = outline(rest);
    const env = this.#knowing(definitions);
    if (!env) return this.finish(source);
    if (rest.length > AT_ONE_GO) return this.#showInSlices(blocks, env, () => run === this.#run);
    const html = blocks.map((block) => htmlOf(block, env));
    // What is loaded, and not streamed, is put in at once.
    this.shown.show(this.#blocks, this.shown.last ? html : [html.join("")], Infinity);
    this.shown.showBelow(htmlOfNotes(env));
  }

  #begin(source) {
    const text = normalise(source);
    if (!text.startsWith(this.#finished)) this.#startOver();
    return text;
  }

  #render(text) {
    const rest = text.slice(this.#finished.length);
    const slice = this.#finishedIn(rest);
    // The blank line says that nothing comes which could close a formula in it.
    const [finished, open] = [outline(slice && `${slice}\n`), outline(rest.slice(slice.length))];
    const env = this.#knowing(merge(finished.definitions, open.definitions));
    if (!env) return this.#render(text);
    const before = finished.blocks.map((block) => htmlOf(block, env));
    const order = [...env.order];
    const behind = open.blocks.map((block) => htmlOf(block, env));
    this.shown.show(this.#blocks, [...before, ...behind], this.#blocks + before.length);
    this.shown.showBelow(htmlOfNotes(env));
    this.#finished += slice;
    this.#blocks += before.length;
    this.#defined = merge(this.#defined, finished.definitions);
    this.#order = order;
    this.#fence = OpenFence.in(text, this.#finished.length, open.blocks[open.blocks.length - 1], this.shown.last);
  }

  /**
   * What the open end is rendered with. Null where the definitions are others than those that the finished blocks were
   * rendered with: these are open again.
   * @param {Definitions} definitions of the open end
   */
  #knowing(definitions) {
    const all = merge(this.#defined, definitions);
    const signature = signatureOf(all);
    const known = !this.#blocks || signature === this.#signature;
    this.#signature = signature;
    if (known) return { ...all, order: [...this.#order] };
    this.#startOver();
    return null;
  }

  /** What of the open end cannot change any more. @param {string} rest */
  #finishedIn(rest) {
    const lines = rest.slice(0, rest.lastIndexOf("\n") + 1);
    if (lines === this.#tried) return "";
    this.#tried = lines;
    const { blocks } = outline(lines);
    if (blocks[blocks.length - 1]?.open) blocks.pop(); // what looks like a formula may yet belong to the block above
    if (blocks.length < 2) return "";
    // The cut is at the end of the last finished block, not at the start of the next: what lies between may be a link
    // definition whose title still grows.
    const [{ lines: [, after] }, { lines: [next] }] = blocks.slice(-2);
    return `${lines.split("\n", Math.min(after, next)).join("\n")}\n`;
  }

  /** @param {Block[]} blocks @param {any} env @param {() => boolean} isWanted */
  async #showInSlices(blocks, env, isWanted) {
    for (let [index, number] = [0, this.#blocks]; index < blocks.length; number += 1) {
      const until = performance.now() + SLICE_MS;
      let html = "";
      while (index < blocks.length && html.length < SLICE && performance.now() < until) {
        html += htmlOf(blocks[index++], env);
      }
      this.shown.show(number, [`<div class="slice">${html}</div>\n`], Infinity);
      await new Promise((done) => setTimeout(done));
      if (!isWanted()) return;
    }
    this.shown.showBelow(htmlOfNotes(env));
  }

  #startOver() {
    this.#finished = "";
    this.#blocks = 0;
    this.#defined = { references: {}, footnotes: {} };
    this.#order = [];
    this.#tried = "";
    this.#fence = null;
  }
}

/** The first of a name wins, as in Markdown. @param {Definitions[]} parts in their order @returns {Definitions} */
function merge(...parts) {
  const latest = [...parts].reverse();
  return {
    references: Object.assign({}, ...latest.map(({ references }) => references)),
    footnotes: Object.assign({}, ...latest.map(({ footnotes }) => footnotes)),
  };
}

/** What of the definitions changes the text above: of a footnote only that there is one. @param {Definitions} all */
const signatureOf = ({ references, footnotes }) => JSON.stringify([references, Object.keys(footnotes).sort()]);
