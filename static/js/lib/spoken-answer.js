// @ts-check
import { gettext, interpolate } from "./i18n.js";

const FENCE = /^[ \t]*(`{3,}|~{3,})[ \t]*([\w+#.-]*)/;
const MAY_BECOME_A_FENCE = /^[ \t]*[`~]{0,2}$/;
const STANDS_ALONE = /^[ \t]*(?:#{1,6} |\|)/; // a heading, a row of a table: it ends with its line
const BLOCK_ENDS = /\n(?=[ \t]*(?:\n|[-*+>|#~`]|\d+[.)]\s))/;
const RULE = /^[\s|:*_-]+$/; // a line across, or what stands below the head of a table

/**
 * An answer as a screen reader is told it while it is being written: sentence by sentence, without its marks; of code,
 * that there is some.
 */
export class SpokenAnswer {
  #said = 0;
  #known = "";
  #fence = "";

  /** @param {string} [already] what has been there before */
  constructor(already = "") {
    this.#passOver(already);
  }

  /**
   * The sentences that are complete by now and were not told before.
   * @param {string} text the whole of it so far
   * @param {boolean} ended whether no more comes: then the last one counts as complete
   */
  hear(text, ended) {
    if (!text.startsWith(this.#known.slice(0, this.#said))) this.#passOver(text);
    this.#known = text;
    /** @type {string[]} */
    const sentences = [];
    while (this.#said < text.length) {
      const before = this.#said;
      const spoken = this.#fence ? this.#code(text, ended) : this.#next(text, ended);
      sentences.push(...spoken.map(plain).filter((each) => /[\p{L}\p{N}]/u.test(each)));
      if (this.#said === before) break;
    }
    return sentences;
  }

  #passOver(text) {
    this.#known = text;
    this.#said = text.length;
    this.#fence = openFence(text);
  }

  #next(text, ended) {
    const rest = text.slice(this.#said);
    const line = rest.split("\n", 1)[0];
    const isWhole = ended || line.length < rest.length;
    const fence = this.#startsLine(text) && FENCE.exec(line);
    if (!isWhole && this.#startsLine(text) && (fence || MAY_BECOME_A_FENCE.test(line))) return [];
    if (fence) {
      this.#fence = fence[1];
      this.#said += line.length;
      return [fence[2] ? interpolate(gettext("Code: %(language)s."), { language: fence[2] }) : gettext("Code.")];
    }
    if (STANDS_ALONE.test(line) || !line.trim()) {
      if (isWhole) this.#said += line.length + (line.length < rest.length ? 1 : 0);
      return isWhole ? [line] : [];
    }
    return this.#sentences(rest, ended);
  }

  #sentences(rest, ended) {
    const end = BLOCK_ENDS.exec(rest)?.index;
    const pieces = split(rest.slice(0, end).replaceAll("\n", " "));
    if (end === undefined && !ended) pieces.pop();
    this.#said += pieces.join("").length + (end === undefined ? 0 : 1);
    return pieces;
  }

  #code(text, ended) {
    const rest = text.slice(this.#said);
    const close = new RegExp(`\\n[ \\t]*${this.#fence[0]}{${this.#fence.length},}[ \\t]*(?=\\n${ended ? "|$" : ""})`);
    const closed = close.exec(rest);
    if (closed) {
      this.#said += closed.index + closed[0].length;
      this.#fence = "";
    } else if (ended) this.#said = text.length;
    return [];
  }

  #startsLine(text) {
    return this.#said === 0 || text[this.#said - 1] === "\n";
  }
}

/** The fence of a block of code that is open at the end of a text. @param {string} text */
function openFence(text) {
  let open = "";
  for (const line of text.split("\n")) {
    const [, fence = ""] = FENCE.exec(line) ?? [];
    if (!open) open = fence;
    else if (fence.startsWith(open)) open = "";
  }
  return open;
}

/**
 * Into sentences; where the browser knows none, the whole of it is one. A note's mark belongs to what is before it.
 * @param {string} text
 */
function split(text) {
  if (!Intl.Segmenter) return [text];
  const unmarked = text.replace(/\[\^[^\]\s]*\]|\[\^?[^\]\s]*$/g, (mark) => " ".repeat(mark.length));
  const segments = new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(unmarked);
  return Array.from(segments, ({ index, segment }) => text.slice(index, index + segment.length));
}

/** Without the marks of Markdown. @param {string} text */
function plain(text) {
  if (RULE.test(text)) return "";
  if (/^\s*\|/.test(text)) text = text.split("|").map((cell) => cell.trim()).filter(Boolean).join(", ");
  return text
    .replace(/^[ \t>]*(?:#{1,6} |[-*+] (?:\[[ xX]\] )?)?/, "")
    .replace(/!?\[([^\]]*)\]\([^)\s]*(?: [^)]*)?\)/g, "$1")
    .replace(/\[\^[^\]]+\]:?/g, "")
    .replace(/(`+)([^`]+)\1/g, "$2")
    .replace(/\*\*|~~|__|(?<![\p{L}\p{N}*])\*(?=\S)|(?<=\S)\*(?![\p{L}\p{N}*])|(?<![\p{L}\p{N}_])_(?=\S)|(?<=\S)_(?![\p{L}\p{N}_])/gu, "")
    .trim();
}
