// @ts-check
import { post } from "./http.js";

/** Tells the server that the conversation was looked at: when it is shown, and when an answer ends in sight. */
export class Seen {
  /** @param {string} url empty for a conversation not yet begun @param {() => void} told */
  constructor(url, told) {
    this.url = url;
    this.told = told;
    document.addEventListener("visibilitychange", this.look);
    this.look();
  }

  look = async () => {
    if (!this.url || document.visibilityState !== "visible") return;
    this.told();
    try {
      await post(this.url, {}, { status: 204 });
    } catch {
      // The mark stays until the next look.
    }
  };

  stop() {
    document.removeEventListener("visibilitychange", this.look);
  }
}
