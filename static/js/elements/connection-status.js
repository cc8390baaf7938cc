// @ts-check
import { gettext } from "../lib/i18n.js";

/** How long a line may be away before anyone need know. */
const PATIENCE = 2500;

/** A quiet word about the line to the server; nothing while it is there. */
class ConnectionStatus extends HTMLElement {
  #timer = /** @type {any} */ (undefined);

  /** @param {"connecting" | "open" | "waiting" | "closed"} state */
  show(state) {
    if (state === "open") {
      this.#forget();
      this.hidden = true;
    } else {
      // Tries come and go while the line is away; the patience counts from the first.
      this.#timer ??= setTimeout(() => this.#speak(), PATIENCE);
    }
  }

  disconnectedCallback() {
    this.#forget();
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #speak() {
    const text = this.querySelector("span");
    if (text) {
      text.textContent = navigator.onLine
        ? gettext("The line to the portal is down. Connecting again…")
        : gettext("You are offline. What you write is kept.");
    }
    this.hidden = false;
  }
}

customElements.define("connection-status", ConnectionStatus);
