// @ts-check
import { gettext } from "../lib/i18n.js";

/** How long a line may be away before anyone need know. */
const PATIENCE = 2500;

/** A quiet word about the line to the server: a dot while it is there, and more for who asks. */
class ConnectionStatus extends HTMLElement {
  #timer = /** @type {any} */ (undefined);

  /** @param {"socket" | "stream" | "polling" | "connecting" | "waiting" | "closed"} state */
  show(state) {
    const { text, reason } = told()[state] ?? {};
    if (reason) {
      this.#forget();
      this.#say(state, text, reason);
    } else {
      // Tries come and go while the line is away; the patience counts from the first.
      this.#timer ??= setTimeout(() => this.#say("away", ...away()), PATIENCE);
    }
  }

  connectedCallback() {
    window.addEventListener("offline", this.#network);
    window.addEventListener("online", this.#network);
  }

  disconnectedCallback() {
    this.#forget();
    window.removeEventListener("offline", this.#network);
    window.removeEventListener("online", this.#network);
  }

  #network = () => {
    if (this.dataset.state === "away") this.#say("away", ...away());
  };

  #forget() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** @param {string} state @param {string} text none where all is well @param {string} reason */
  #say(state, text, reason) {
    this.dataset.state = state;
    this.hidden = false;
    const summary = this.querySelector("summary");
    if (summary) summary.title = reason;
    this.#fill("[data-text]", text);
    this.#fill("p", reason);
    const live = /** @type {HTMLElement | null} */ (this.querySelector("[data-live]"));
    if (live) live.hidden = Boolean(text);
  }

  #fill(selector, text) {
    const part = this.querySelector(selector);
    if (part && part.textContent !== text) part.textContent = text;
  }
}

/** @returns {Record<string, { text: string, reason: string }>} by the way that works */
const told = () => ({
  socket: { text: "", reason: gettext("Live: answers appear here as they are written.") },
  stream: {
    text: gettext("Without WebSockets: over HTTP"),
    reason: gettext(
      "Something between here and the portal lets no WebSocket through. Answers still appear as they are written.",
    ),
  },
  polling: {
    text: gettext("Without a live line: asking every few seconds"),
    reason: gettext(
      "Something between here and the portal holds back what is sent. Answers appear in steps, and nothing is lost.",
    ),
  },
});

const away = () =>
  navigator.onLine
    ? [
        gettext("The line to the portal is down. Connecting again…"),
        gettext("Answers go on being written meanwhile, and appear when the line is back. What you write is kept."),
      ]
    : [
        gettext("You are offline. What you write is kept."),
        gettext("The page connects again by itself as soon as the network is back."),
      ];

customElements.define("connection-status", ConnectionStatus);
