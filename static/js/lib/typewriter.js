// @ts-check
/**
 * How an answer appears while it is written, as its reader chose: `smooth`, evenly and never far behind what has come;
 * `at_once`, as it comes; or `whole`, when it is finished. A plain class: it is told the time, and says what to show.
 *
 * @typedef {"smooth" | "at_once" | "whole"} Mode
 */

/** A letter is shown at the latest so long after it came. */
const BEHIND_MS = 400;
/** What looks like one letter may be several characters; nothing is cut within so many. */
const LONGEST_LETTER = 64;

const letters = globalThis.Intl?.Segmenter && new Intl.Segmenter(undefined, { granularity: "grapheme" });

export class Typewriter {
  #text = "";
  #shown = 0;
  #exact = 0;
  #perMs = 0;
  #at = 0;

  /** @param {Mode} mode */
  constructor(mode) {
    this.mode = mode;
  }

  /** The text has grown, or is another one. @param {string} text @param {number} now */
  write(text, now) {
    this.#advance(now);
    if (!text.startsWith(this.#text.slice(0, this.#shown))) this.#shown = this.#exact = commonLength(text, this.#text);
    this.#text = text;
    if (this.mode === "at_once") this.jump(text);
    // Never slower than before while something is left: so what came first is not late for what came later.
    else this.#perMs = Math.max(this.#perMs, (text.length - this.#shown) / BEHIND_MS);
  }

  /** All of it at once: it stands there already, or nothing more will come. @param {string} text */
  jump(text) {
    this.#text = text;
    this.#shown = this.#exact = text.length;
    this.#perMs = 0;
  }

  /** @param {number} now @returns {string} what is shown at that time */
  shownAt(now) {
    this.#advance(now);
    return this.#text.slice(0, this.#shown);
  }

  /** Whether time alone will show more. */
  get isBehind() {
    return this.mode === "smooth" && this.#shown < this.#text.length;
  }

  #advance(now) {
    const passed = now - this.#at;
    this.#at = now;
    if (!this.isBehind) return;
    this.#exact = Math.min(this.#text.length, this.#exact + passed * this.#perMs);
    this.#shown = wholeLetters(this.#text, this.#shown, Math.floor(this.#exact));
    if (!this.isBehind) this.#perMs = 0;
  }
}

/**
 * @param {string | undefined} chosen
 * @param {boolean} still whether the reader asked for less motion
 * @returns {Mode}
 */
export function modeOf(chosen, still) {
  if (chosen === "whole") return "whole";
  return chosen === "smooth" && !still ? "smooth" : "at_once";
}

/** The greatest length up to `end` that cuts no letter; `from` is one that cuts none. */
function wholeLetters(text, from, end) {
  if (end >= text.length) return text.length;
  const start = Math.max(from, end - LONGEST_LETTER);
  if (letters) return start + (letters.segment(text.slice(start, end + LONGEST_LETTER)).containing(end - start)?.index ?? 0);
  return /[\uD800-\uDBFF]/.test(text[end - 1] ?? "") ? end - 1 : end;
}

function commonLength(one, other) {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
