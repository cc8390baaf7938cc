// @ts-check
/**
 * Follows the end of a growing page, but only for a reader who was at the end before it grew (after Campfire's
 * ScrollManager). Whoever scrolls up is left alone, however little; coming back to the end follows again.
 *
 * @typedef {Pick<HTMLElement, "scrollTop" | "scrollHeight" | "clientHeight">} Pane
 */
export class ScrollKeeper {
  static near = 48;

  #top = 0;
  #height = 0;

  /**
   * @param {Pane} pane
   * @param {() => boolean} [isWhole] whether the content reaches to its end; else there is no end to follow
   */
  constructor(pane, isWhole = () => true) {
    this.pane = pane;
    this.isWhole = isWhole;
    this.following = true;
    this.#remember();
  }

  get distance() {
    const { scrollTop, scrollHeight, clientHeight } = this.pane;
    return scrollHeight - clientHeight - scrollTop;
  }

  /** The reader (or the browser) scrolled. */
  scrolled() {
    const shrunk = this.pane.scrollHeight < this.#height;
    const wentUp = this.pane.scrollTop < this.#top && !shrunk;
    this.following = this.isWhole() && (wentUp ? this.distance < 1 : this.distance <= ScrollKeeper.near);
    this.#remember();
  }

  /** The content grew or shrank. */
  resized() {
    if (this.following && this.isWhole()) this.toEnd();
    else this.#remember();
  }

  toEnd() {
    this.following = true;
    this.pane.scrollTop = this.pane.scrollHeight;
    this.#remember();
  }

  #remember() {
    this.#top = this.pane.scrollTop;
    this.#height = this.pane.scrollHeight;
  }
}
