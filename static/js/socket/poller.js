// @ts-check
import { get } from "../lib/http.js";

/**
 * The same events over HTTP, after a number: for networks whose proxies let no WebSocket through. Asks only while the
 * socket is away and an answer is being written.
 */
export class Poller {
  #timer = /** @type {any} */ (undefined);

  /**
   * @param {string} url
   * @param {() => { generation: string, sequence: number | null }[]} wanted
   * @param {(event: any) => void} deliver
   */
  constructor(url, wanted, deliver) {
    this.url = url;
    this.wanted = wanted;
    this.deliver = deliver;
  }

  start(delay = 4000) {
    if (this.#timer === undefined && this.url) this.#timer = setTimeout(() => this.#round(), delay);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #round() {
    const round = this.#timer;
    for (const { generation, sequence } of this.wanted()) {
      try {
        const query = new URLSearchParams({ generation });
        if (sequence !== null) query.set("after", String(sequence));
        const { events } = await get(`${this.url}?${query}`, { type: "json" });
        if (this.#timer === round) events.forEach(this.deliver);
      } catch {
        // The line is down altogether; the next round may find it back.
      }
    }
    if (this.#timer === round) this.#timer = setTimeout(() => this.#round(), 1500);
  }
}
