// @ts-check
import { copyText } from "../lib/clipboard.js";
import { say } from "../lib/dom.js";
import { gettext } from "../lib/i18n.js";

/** Copies what its owner's `source()` gives, and shows for a moment that it did. */
class CopyButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.#copy);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#copy);
  }

  #copy = async () => {
    const text = /** @type {any} */ (this).source?.() ?? "";
    if (await copyText(text)) {
      this.dataset.copied = "";
      say(this, "announce", gettext("Copied."));
      setTimeout(() => delete this.dataset.copied, 1600);
    } else {
      say(this, "notify", { text: gettext("The browser did not let this be copied. Select the text and copy it.") });
    }
  };
}

customElements.define("copy-button", CopyButton);
