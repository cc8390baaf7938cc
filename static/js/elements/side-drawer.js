// @ts-check
import { composes } from "../lib/enter.js";

/**
 * The sidebar: beside the page where there is room, a drawer over it on a phone. There the back button closes it: an
 * open drawer is a place in the history.
 */
class SideDrawer extends HTMLElement {
  #narrow = window.matchMedia("(max-width: 45rem)");
  #left = Promise.resolve(); // its place in the history, when it was closed

  connectedCallback() {
    this.#narrow.addEventListener("change", this.close);
    document.addEventListener("keydown", this.#key);
    window.addEventListener("popstate", this.#hide);
    this.addEventListener("click", this.#follow);
    this.addEventListener("submit", this.#begin);
  }

  disconnectedCallback() {
    this.#narrow.removeEventListener("change", this.close);
    document.removeEventListener("keydown", this.#key);
    window.removeEventListener("popstate", this.#hide);
    this.removeEventListener("click", this.#follow);
    this.removeEventListener("submit", this.#begin);
  }

  get isOpen() {
    return "open" in this.dataset;
  }

  /** Whether there is no room for it beside the page. */
  get isNarrow() {
    return this.#narrow.matches;
  }

  async open() {
    await this.#left; // or the way back from there would close it again
    if (!this.#narrow.matches || this.isOpen) return;
    this.dataset.open = "";
    history.pushState({ drawer: true }, "");
    this.#tellPage();
    /** @type {HTMLElement | null} */ (this.querySelector("a[href], button"))?.focus();
  }

  close = () => {
    if (!this.isOpen) return;
    this.#hide();
    if (!history.state?.drawer) return;
    this.#left = new Promise((done) => window.addEventListener("popstate", () => done(), { once: true }));
    history.back();
  };

  #hide = () => {
    if (!this.isOpen) return;
    delete this.dataset.open;
    this.#tellPage();
  };

  /** Its place in the history goes to where a link leads, or going back from there would lead to it. */
  #follow = (event) => {
    const link = event.target.closest("a[href]:not([data-state])");
    const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || elsewhere || event.defaultPrevented || !this.isOpen || link.origin !== location.origin) return;
    this.#leave(event, link.href);
  };

  #begin = (event) => {
    if (this.isOpen && !event.defaultPrevented && event.target.matches(".sidebar__new")) this.#leave(event, event.target.action);
  };

  #leave(event, address) {
    event.preventDefault();
    location.replace(address);
  }

  #key = (event) => {
    if (event.key === "Escape" && !composes(event)) this.close();
  };

  #tellPage() {
    this.dispatchEvent(new CustomEvent("drawer", { bubbles: true, detail: { open: this.isOpen } }));
  }
}

customElements.define("side-drawer", SideDrawer);
