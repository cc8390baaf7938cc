// @ts-check
import { isPossible } from "../lib/installed.js";

/** Says whether the portal can be installed on this device, and how; the sentences stand in the page. */
class InstallPortal extends HTMLElement {
  connectedCallback() {
    window.addEventListener("beforeinstallprompt", this.#offer);
    this.addEventListener("click", this.#install);
    if (window.matchMedia("(display-mode: standalone)").matches) this.#show("installed");
    else this.#show(isPossible() ? "menu" : "insecure");
  }

  disconnectedCallback() {
    window.removeEventListener("beforeinstallprompt", this.#offer);
  }

  #prompt = /** @type {any} */ (null);

  #offer = (event) => {
    event.preventDefault();
    this.#prompt = event;
    this.#show("offered");
  };

  #install = async ({ target }) => {
    if (!this.#prompt || !(/** @type {Element} */ (target).closest("button"))) return;
    this.#prompt.prompt();
    const { outcome } = await this.#prompt.userChoice;
    this.#prompt = null;
    this.#show(outcome === "accepted" ? "installed" : "menu");
  };

  /** @param {string} state */
  #show(state) {
    for (const part of this.children) /** @type {HTMLElement} */ (part).hidden = /** @type {HTMLElement} */ (part).dataset.when !== state;
  }
}

customElements.define("install-portal", InstallPortal);
