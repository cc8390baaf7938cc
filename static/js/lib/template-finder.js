// @ts-check
/** @typedef {{ title: string, excerpt: string, is_shared: boolean, url: string }} Entry */

const SHOWN = 50; // more are found by typing on

/**
 * What is looked for, where a message consists of "/" and a title's part alone; null where it does not.
 * @param {string} message
 */
export function queryIn(message) {
  return message.startsWith("/") && !message.includes("\n") ? message.slice(1) : null;
}

/** Which templates fit, and which of them is active. */
export class TemplateFinder {
  #query = "";
  active = 0;
  found = /** @type {Entry[]} */ ([]);
  entries = /** @type {Entry[]} */ ([]);

  /** @param {Entry[]} entries */
  take(entries) {
    const active = this.found[this.active]?.url;
    this.entries = entries;
    this.look(this.#query);
    this.active = Math.max(0, this.found.findIndex((entry) => entry.url === active));
  }

  /** Titles that begin with it first. @param {string} query */
  look(query) {
    this.#query = query;
    const wanted = fold(query);
    const places = this.entries.map((entry) => ({ entry, place: fold(entry.title).indexOf(wanted) }));
    const fitting = places.filter(({ place }) => place >= 0);
    fitting.sort((one, other) => Number(one.place > 0) - Number(other.place > 0));
    this.found = fitting.slice(0, SHOWN).map(({ entry }) => entry);
    this.active = 0;
  }

  /** Up or down, round at the ends. @param {1 | -1} step */
  move(step) {
    const count = this.found.length;
    if (count) this.active = (this.active + step + count) % count;
  }

  get chosen() {
    return this.found[this.active];
  }
}

/** @param {string} text */
const fold = (text) => text.trim().normalize("NFKC").toLowerCase();
