// @ts-check
import { parseFragment } from "../lib/dom.js";
import { get } from "../lib/http.js";

const LOOK_MS = 1000;

/** How far an import or an export is: asked for again as long as it is at work. */
class JobStanding extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    this.#lookAgain();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  #lookAgain() {
    if (this.querySelector("[data-at-work]")) this.#timer = setTimeout(() => this.#look(), LOOK_MS);
  }

  async #look() {
    try {
      const fragment = parseFragment(await get(this.dataset.url ?? "", { type: "html" }));
      const wasHere = this.contains(document.activeElement);
      this.replaceChildren(fragment);
      if (wasHere) this.querySelector("button")?.focus(); // whoever was about to cancel still is
    } catch {
      // the portal is away for a moment, and goes on with it when it is back
    }
    this.#lookAgain();
  }
}

customElements.define("job-standing", JobStanding);
