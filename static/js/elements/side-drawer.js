// @ts-check
import { composes } from "../lib/enter.js";

/** The sidebar: beside the page where there is room, a drawer over it on a phone. */
class SideDrawer extends HTMLElement {
  #narrow = window.matchMedia("(max-width: 45rem)");

  connectedCallback() {
    this.#narrow.addEventListener("change", this.close);
    document.addEventListener("keydown", this.#key);
  }

  disconnectedCallback() {
    this.#narrow.removeEventListener("change", this.close);
    document.removeEventListener("keydown", this.#key);
  }

  get isOpen() {
    return "open" in this.dataset;
  }

  /** Whether there is no room for it beside the page. */
  get isNarrow() {
    return this.#narrow.matches;
  }

  open() {
    if (!this.#narrow.matches) return;
    this.dataset.open = "";
    this.#tellPage();
    /** @type {HTMLElement | null} */ (this.querySelector("a[href], button"))?.focus();
  }

  close = () => {
    if (!this.isOpen) return;
    delete this.dataset.open;
    this.#tellPage();
  };

  #key = (event) => {
    if (event.key === "Escape" && !composes(event)) this.close();
  };

  #tellPage() {
    this.dispatchEvent(new CustomEvent("drawer", { bubbles: true, detail: { open: this.isOpen } }));
  }
}

customElements.define("side-drawer", SideDrawer);
