// @ts-check
import { sanitise } from "./markdown.js";

/**
 * The blocks of a text as they stand in the page, and what stands below them. A block is put in when its HTML is another
 * than before, and left alone otherwise: the reader's selection, and what was done to it, stay.
 *
 * @typedef {{ html: string, nodes: ChildNode[], settled?: boolean }} Shown
 */
export class ShownBlocks {
  /** @type {Shown[]} */
  #blocks = [];
  /** @type {Shown} */
  #below = { html: "", nodes: [] };

  /**
   * @param {Element} container
   * @param {(nodes: Node[], settled: boolean) => void} dress is handed new nodes: settled ones stay, others may be
   *   replaced
   */
  constructor(container, dress) {
    this.container = container;
    this.dress = dress;
  }

  /**
   * The blocks from number `from` on, of which those before number `settled` will not change any more.
   * @param {number} from
   * @param {string[]} blocks as HTML
   * @param {number} settled
   */
  show(from, blocks, settled) {
    for (const [index, html] of blocks.entries()) this.#put(from + index, html);
    for (const { nodes } of this.#blocks.splice(from + blocks.length)) for (const node of nodes) node.remove();
    for (let index = from; index < this.#blocks.length; index += 1) this.#dress(this.#blocks[index], index < settled);
  }

  /** @param {string} html */
  showBelow(html) {
    if (html === this.#below.html) return;
    for (const node of this.#below.nodes) node.remove();
    const fragment = sanitise(html);
    this.#below = { html, nodes: [...fragment.childNodes] };
    this.container.append(fragment);
    this.dress(this.#below.nodes, true);
  }

  get last() {
    return this.#blocks[this.#blocks.length - 1];
  }

  #put(index, html) {
    const old = this.#blocks[index];
    if (old?.html === html) return;
    const fragment = sanitise(html);
    this.#blocks[index] = { html, nodes: [...fragment.childNodes] };
    this.container.insertBefore(fragment, old?.nodes[0] ?? this.#below.nodes[0] ?? null);
    for (const node of old?.nodes ?? []) node.remove();
  }

  #dress(block, settled) {
    if (block.settled === settled || block.settled) return;
    block.settled = settled;
    this.dress(block.nodes, settled);
  }
}
