// @ts-check
import { newId } from "./ids.js";

const PREFIX = "draft:";
const ON_ITS_WAY = 10_000; // ms in which a page may be drawn before what the last one handed over has come

/**
 * What is being written to one conversation, and the id it will be sent under. The id lives exactly as long as the
 * text stays the same: sending again after a broken line is then the same message to the server, also after a reload.
 * The tab keeps it at once and for this person only, for a desk may be shared; the server gets it a little later
 * (draft-saver.js), and `meet` tells which of the two is the newer.
 */
export class Draft {
  #text = "";
  #id = "";
  #known = ""; // the id of what the server had when we last heard of it
  #handedAt = 0;
  #drawn = 0; // when the newest page was drawn that we have met, in seconds
  #standing = "saved"; // at the server; or "unsaved"; or "handed": on its way there when the page was left

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
      this.#known = String(kept.known ?? "");
      this.#handedAt = Number(kept.handedAt ?? 0);
      this.#drawn = Number(kept.drawn ?? 0);
      this.#standing = String(kept.standing ?? "saved");
    } catch {
      // A storage that is full, forbidden or garbled costs the draft, never the composer.
    }
  }

  get text() {
    return this.#text;
  }

  get isSaved() {
    return this.#standing === "saved";
  }

  get isOnItsWay() {
    return this.#standing === "handed";
  }

  /**
   * What the server has, as the page was drawn with it. What was typed here and has not reached it stays.
   * @param {{ text: string, id: string, drawn?: number }} theirs `drawn`, when, in seconds: a page that the browser kept
   *   says nothing of what came after it
   */
  meet(theirs, now = Date.now()) {
    if (theirs.drawn && theirs.drawn <= this.#drawn) return;
    this.#drawn = theirs.drawn ?? 0;
    if (this.#text === theirs.text) {
      this.#id ||= theirs.text && theirs.id;
      this.#standing = "saved";
    } else if (this.#outlives(theirs, now)) {
      this.#standing = "unsaved";
    } else {
      this.#text = theirs.text;
      this.#id = theirs.text && theirs.id;
      this.#standing = "saved";
    }
    this.#known = theirs.id;
    this.#keep();
  }

  /** @param {string} text */
  write(text) {
    if (text === this.#text) return;
    this.#text = text;
    this.#id = "";
    this.#standing = "unsaved";
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

  /** The server has this text now. @param {string} text */
  saved(text) {
    if (text !== this.#text) return;
    this.#known = this.#id;
    this.#standing = "saved";
    this.#keepOn();
  }

  /** It is on its way, and perhaps nobody will be here to hear whether it came. */
  handedOver(now = Date.now()) {
    this.#handedAt = now;
    this.#standing = "handed";
    this.#keepOn();
  }

  /** It did not come there, and is still to be saved. @param {string} text */
  notHanded(text) {
    if (text !== this.#text || !this.isOnItsWay) return;
    this.#standing = "unsaved";
    this.#keepOn();
  }

  /** It was received: forget it, unless something else was typed meanwhile. @param {string} text */
  sent(text) {
    this.#id = "";
    this.#standing = this.#text === text ? "saved" : "unsaved";
    if (this.#text === text) this.#text = "";
    this.#keep();
  }

  /** @param {{ text: string, id: string }} theirs another text than ours @param {number} now */
  #outlives(theirs, now) {
    if (!this.#text && this.isSaved) return false;
    if (!theirs.text && theirs.id) return theirs.id !== this.#id; // something was sent: this, or another text
    // Nothing came there since, or ours had no time to.
    if (this.isOnItsWay) return theirs.id === this.#known || now - this.#handedAt < ON_ITS_WAY;
    return !this.isSaved;
  }

  /** Brings nothing back that a log-out has taken away meanwhile. */
  #keepOn() {
    try {
      if (this.storage?.getItem(this.key)) this.#keep();
    } catch {
      // as above
    }
  }

  #keep() {
    const [text, id, known, standing, handedAt] = [this.#text, this.#id, this.#known, this.#standing, this.#handedAt];
    const kept = { text, id, known, standing, handedAt, drawn: this.#drawn };
    try {
      if (text || !this.isSaved || this.#drawn) this.storage?.setItem(this.key, JSON.stringify(kept));
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
