// @ts-check
import { say } from "../lib/dom.js";
import { post } from "../lib/http.js";

/** What administrators have to say, above the page: dismissed without leaving it. */
class AnnouncementList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", this.#dismiss);
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this.#dismiss);
  }

  #dismiss = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    try {
      await post(form.action, {}, { status: 204 });
    } catch (refused) {
      say(this, "notify", { text: refused.message });
      return;
    }
    form.closest(".announcement")?.remove();
    const next = this.querySelector("button");
    const main = /** @type {HTMLElement | null} */ (this.closest("main"));
    if (next) return next.focus();
    this.remove();
    main?.focus();
  };
}

customElements.define("announcement-list", AnnouncementList);
