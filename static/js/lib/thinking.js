// @ts-check
import { gettext, interpolate } from "./i18n.js";

/**
 * How long a model thought before its first words: as the server says once the answer has ended, until then as it was
 * seen from here.
 */
export class Thinking {
  /** @type {number | null} */
  #since = null;
  /** @type {number | null} */
  #seconds;

  /** @param {string | undefined} seconds as the server's page says; nothing where it does not know */
  constructor(seconds) {
    this.#seconds = seconds ? Number(seconds) : null;
  }

  /** @param {"text" | "reasoning"} part of which a delta came @param {number} now in milliseconds */
  hear(part, now) {
    if (part === "reasoning") this.#since ??= now;
    else if (this.#since !== null && this.#seconds === null) this.#seconds = Math.round((now - this.#since) / 1000);
  }

  /** @param {number | null | undefined} seconds as the server counted them */
  know(seconds) {
    if (seconds !== null && seconds !== undefined) this.#seconds = seconds;
  }

  /** @param {boolean} goesOn whether the answer is still being written */
  label(goesOn) {
    if (this.#seconds !== null) return thoughtFor(this.#seconds);
    return goesOn ? gettext("Thinking…") : gettext("Thought");
  }
}

/** @param {number} seconds */
function thoughtFor(seconds) {
  if (seconds < 1) return gettext("Thought for a moment");
  if (seconds < 60) return interpolate(gettext("Thought for %(seconds)s s"), { seconds });
  const minutes = Math.floor(seconds / 60);
  return interpolate(gettext("Thought for %(minutes)s min %(seconds)s s"), { minutes, seconds: seconds % 60 });
}
