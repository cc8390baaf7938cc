// @ts-check
import { newId } from "./ids.js";

const PREFIX = "draft:";

/**
 * What is being written to one conversation, and the id it will be sent under. The id lives exactly as long as the
 * text stays the same: sending again after a broken line is then the same message to the server, also after a reload.
 * Kept for the tab only and for this person only, for a desk may be shared.
 */
export class Draft {
  #id = "";
  #text = "";

  /**
   * @param {string} person the id of who writes
   * @param {string} conversation its id; empty for one not yet begun
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} storage
   */
  constructor(person, conversation, storage) {
    this.key = `${PREFIX}${person}:${conversation || "new"}`;
    this.storage = storage;
    try {
      const kept = JSON.parse(storage?.getItem(this.key) ?? "{}");
      this.#text = String(kept.text ?? "");
      this.#id = String(kept.id ?? "");
    } catch {
      // A storage that is full, forbidden or garbled costs the draft, never the composer.
    }
  }

  get text() {
    return this.#text;
  }

  /** @param {string} text */
  write(text) {
    if (text === this.#text) return;
    this.#text = text;
    this.#id = "";
    this.#keep();
  }

  /** The id this text is sent under, chosen at the first try. */
  get id() {
    if (!this.#id) {
      this.#id = newId();
      this.#keep();
    }
    return this.#id;
  }

  /** It was received: forget it, unless something else was typed meanwhile. @param {string} text */
  sent(text) {
    this.#id = "";
    if (this.#text === text) this.#text = "";
    this.#keep();
  }

  #keep() {
    try {
      if (this.#text) this.storage?.setItem(this.key, JSON.stringify({ text: this.#text, id: this.#id }));
      else this.storage?.removeItem(this.key);
    } catch {
      // as above
    }
  }
}

/** Who logs out leaves nothing half written to the next. @param {Storage | null} storage */
export function forgetDrafts(storage) {
  try {
    const keys = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index));
    for (const key of keys) if (key?.startsWith(PREFIX)) storage?.removeItem(key);
  } catch {
    // Where nothing can be kept nothing was.
  }
}
