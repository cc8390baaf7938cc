// @ts-check
import { get } from "../lib/http.js";
import { delayAfter } from "./backoff.js";

/** In milliseconds: how long a line may be away before it is asked, and how often then. */
const BEGIN = 4000;
const WRITING = 1500;
const QUIET = 10_000;

/**
 * The same events over HTTP, after a number: for networks that let no line stay open, and for what one line cannot be
 * asked. It asks while the line is away, seldom where nothing is being written. It says `answered` (whether an answer
 * was being written), `unanswered` and `loggedout`.
 */
export class Poller extends EventTarget {
  #timer = /** @type {any} */ (undefined);
  #failures = 0;

  /**
   * @param {string} url
   * @param {() => { generation: string, sequence: number | null }[]} wanted
   * @param {(event: any) => void} deliver
   */
  constructor(url, wanted, deliver) {
    super();
    this.url = url;
    this.wanted = wanted;
    this.deliver = deliver;
  }

  start(delay = BEGIN) {
    if (this.#timer === undefined && this.url) this.#timer = setTimeout(() => this.#round(), delay);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#failures = 0;
  }

  /** What has happened to each answer that is being written, or else at the end of the branch. */
  async ask(isWanted = () => true) {
    const asked = this.wanted();
    for (const { generation, sequence } of asked.length ? asked : [{ generation: "", sequence: null }]) {
      const query = new URLSearchParams(generation ? { generation } : {});
      if (sequence !== null) query.set("after", String(sequence));
      const { events = [] } = await get(`${this.url}?${query}`, { type: "json" });
      if (isWanted()) events.forEach(this.deliver);
    }
    return asked.length > 0;
  }

  async #round() {
    const round = this.#timer;
    const isWanted = () => this.#timer === round;
    let delay;
    try {
      const wasWriting = await this.ask(isWanted);
      this.#failures = 0;
      if (isWanted()) this.dispatchEvent(new CustomEvent("answered", { detail: wasWriting }));
      delay = wasWriting || this.wanted().length ? WRITING : QUIET;
    } catch (error) {
      // The line is down altogether; a later round may find it back.
      const says = error.code === "logged_out" ? "loggedout" : "unanswered";
      if (isWanted()) this.dispatchEvent(new CustomEvent(says));
      delay = delayAfter((this.#failures += 1));
    }
    if (isWanted()) this.#timer = setTimeout(() => this.#round(), delay);
  }
}
