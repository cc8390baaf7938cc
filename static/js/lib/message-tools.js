// @ts-check
import { fromTemplate } from "./dom.js";

/** The row of tools under a message. It stands there only while the message is near the reader's eyes. */
export class MessageTools {
  /**
   * @param {HTMLElement} message
   * @param {() => string} source what Copy copies
   */
  constructor(message, source) {
    this.message = message;
    this.source = source;
  }

  /** @param {boolean} near */
  show(near) {
    const place = this.#place;
    if (!place || near === this.isShown) return;
    if (!near) {
      if (!place.contains(document.activeElement)) place.replaceChildren();
      return;
    }
    const tools = fromTemplate("tools");
    if (!tools) return;
    for (const tool of /** @type {NodeListOf<HTMLElement>} */ (tools.querySelectorAll("[data-for]"))) {
      if (tool.dataset.for !== this.message.dataset.role) tool.remove();
    }
    const copy = /** @type {any} */ (tools.querySelector("copy-button"));
    if (copy) copy.source = this.source;
    place.replaceChildren(tools);
    this.#showVersions();
  }

  get isShown() {
    return Boolean(this.#place?.firstElementChild);
  }

  /** @param {string} act @param {boolean} offered */
  offer(act, offered) {
    const tool = /** @type {HTMLElement | null} */ (this.#place?.querySelector(`[data-act=${act}]`) ?? null);
    if (tool) tool.hidden = !offered;
  }

  #showVersions() {
    const { place, previous, next } = this.message.dataset;
    const versions = /** @type {HTMLElement | null} */ (this.#place?.querySelector(".tools__versions") ?? null);
    if (!versions || !place) return;
    versions.hidden = false;
    const label = versions.querySelector(".tools__place");
    if (label) label.textContent = place;
    for (const [act, id] of [["previous", previous], ["next", next]]) {
      const button = /** @type {HTMLButtonElement | null} */ (versions.querySelector(`[data-act=${act}]`));
      if (button) button.disabled = !id;
    }
  }

  get #place() {
    return this.message.querySelector(".message__actions");
  }
}
