// @ts-check
import { fromTemplate } from "../lib/dom.js";

const STAY = 8000;

/** Short notices above the page; those drawn by the server stand here already. */
class ToastRegion extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.#closed);
    for (const toast of this.querySelectorAll(".toast")) this.#leaveLater(toast);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#closed);
  }

  /** @param {{ text: string, action?: { label: string, run: () => void } }} notice */
  show({ text, action }) {
    const toast = fromTemplate("toast");
    if (!toast) return;
    const words = toast.querySelector(".toast__text");
    if (words) words.textContent = text;
    const button = /** @type {HTMLButtonElement | null} */ (toast.querySelector(".toast__action"));
    if (button && action) {
      button.textContent = action.label;
      button.hidden = false;
      button.addEventListener("click", () => {
        toast.remove();
        action.run();
      });
    }
    this.append(toast);
    this.#leaveLater(toast);
  }

  #closed = (event) => {
    if (event.target.closest(".toast__close")) event.target.closest(".toast").remove();
  };

  /** Not while someone is reading it or about to press its button; errors wait to be closed. */
  #leaveLater(toast) {
    if (toast.matches(".toast--error")) return;
    setTimeout(() => (toast.matches(":hover, :focus-within") ? this.#leaveLater(toast) : toast.remove()), STAY);
  }
}

customElements.define("toast-region", ToastRegion);
