// @ts-check
import { get } from "../lib/http.js";
import { debounce } from "../lib/timing.js";

/** Says near the composer when little is left of a limit. Members without one are not asked for. */
class AllowanceNote extends HTMLElement {
  /** Something was sent, or has ended: look what is left. */
  look() {
    if (this.hasAttribute("data-limited")) this.#lookSoon();
  }

  #lookSoon = debounce(() => this.#fetch(), 500);

  async #fetch() {
    try {
      const { text } = await get(this.dataset.url ?? "", { type: "json" });
      const place = this.querySelector("[data-text]");
      if (place && place.textContent !== text) place.textContent = text;
      this.hidden = !text;
    } catch {
      // What is left is said again with the next message; a refusal says it in any case.
    }
  }
}

customElements.define("allowance-note", AllowanceNote);
