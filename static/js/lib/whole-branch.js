// @ts-check
import { parseFragment } from "./dom.js";
import { get } from "./http.js";
import { messagesIn } from "./reconcile.js";

/**
 * All messages of a branch as elements, for what wants the whole of it: those on the page, and the others fetched and
 * kept out of sight.
 */
export class WholeBranch {
  #holder = document.createElement("div");

  /** @param {import("./thread-window.js").ThreadWindow} shown @param {string} url of the branch */
  constructor(shown, url) {
    this.shown = shown;
    this.url = url;
    this.#holder.className = "picture-studio";
    this.#holder.inert = true;
  }

  /** @returns {Promise<HTMLElement[]>} oldest first */
  async collect() {
    this.release();
    const messages = this.shown.messages;
    const [first, last] = [messages[0], messages.at(-1)];
    document.body.append(this.#holder);
    const earlier = this.shown.edge("earlier") && first ? await this.#fetch("before", first) : [];
    const later = this.shown.edge("later") && last ? await this.#fetch("after", last) : [];
    return [...earlier, ...messages, ...later];
  }

  release() {
    this.#holder.replaceChildren();
    this.#holder.remove();
  }

  /** @param {"before" | "after"} direction @param {HTMLElement} from */
  async #fetch(direction, from) {
    const found = [];
    for (let at = /** @type {HTMLElement | undefined} */ (from); at; ) {
      const part = parseFragment(await get(`${this.url}?${direction}=${at.dataset.messageId}`, { type: "html" }));
      const goesOn = part.querySelector(direction === "before" ? "[data-earlier]" : "[data-later]");
      const messages = messagesIn(part);
      if (direction === "before") found.unshift(...messages);
      else found.push(...messages);
      this.#holder.append(part);
      at = goesOn ? (direction === "before" ? messages[0] : messages.at(-1)) : undefined;
    }
    return found;
  }
}
