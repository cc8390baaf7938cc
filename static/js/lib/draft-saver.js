// @ts-check
/** @typedef {import("./draft.js").Draft} Draft */

const PAUSE = 800; // ms after the last key

/** Brings a draft to the server: in pauses, one request at a time, and at the last moment when the page is left. */
export class DraftSaver {
  #timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  #saving = /** @type {Promise<void> | null} */ (null);

  /**
   * @param {Draft} draft
   * @param {(fields: { text: string, client_id: string }, request?: RequestInit) => Promise<unknown>} put
   */
  constructor(draft, put) {
    this.draft = draft;
    this.put = put;
  }

  /** Something was typed. */
  changed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), PAUSE);
  }

  /** The page is being left: `keepalive` lets the request outlive it. A text too long for that stays in the tab. */
  leave() {
    clearTimeout(this.#timer);
    if (this.draft.isSaved || this.draft.isOnItsWay) return;
    const { text } = this.draft;
    const handed = this.put(this.#fields, { keepalive: true });
    this.draft.handedOver();
    handed.then(
      () => this.draft.saved(text),
      () => this.draft.notHanded(text),
    );
  }

  /** Before the text is sent: no older one may come to the server after it. */
  async settle() {
    clearTimeout(this.#timer);
    await this.#saving;
  }

  async #save() {
    if (this.#saving) return this.changed();
    if (this.draft.isSaved) return;
    const { text } = this.draft;
    this.#saving = this.put(this.#fields).then(
      () => this.draft.saved(text),
      () => {}, // it is in the tab; the next key tries again
    );
    await this.#saving;
    this.#saving = null;
  }

  get #fields() {
    const { text } = this.draft;
    return { text, client_id: text && this.draft.id };
  }
}
