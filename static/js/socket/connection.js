// @ts-check
import { delayAfter } from "./backoff.js";

/** Close codes of the portal; see docs/protocol.md. */
const RESTART = 1012;
const LOGGED_OUT = 4401;

/** How often the server speaks, in seconds, where it does not say; who hears nothing for longer has a dead line. */
const HEARTBEAT = 20;
const silenceOf = (heartbeat) => heartbeat * 2250;

/** How long the server may take to say its first word: a proxy may hold what it does not understand. */
const OPENING = 10_000;

/**
 * A line that comes back: a WebSocket, or what looks like one. It knows no page: it says `event` (an object from the
 * server), `state` ("connecting", "open", "waiting", "closed") and `loggedout`.
 */
export class Connection extends EventTarget {
  /** @type {"connecting" | "open" | "waiting" | "closed"} */
  state = "closed";
  failures = 0;
  /** The longest wait between two tries, in milliseconds; as `delayAfter` has it where it is not set. */
  longestDelay = /** @type {number | undefined} */ (undefined);
  #silence = silenceOf(HEARTBEAT);
  #socket = /** @type {WebSocket | null} */ (null);
  #retry = /** @type {any} */ (undefined);
  #watch = /** @type {any} */ (undefined);
  #heard = 0;
  #patience = 0;

  /**
   * @param {string | (() => string)} url
   * @param {{ WebSocket?: any, setTimeout?: any, clearTimeout?: any, now?: () => number, random?: () => number,
   *   opening?: number }} [world]
   */
  constructor(url, world = {}) {
    super();
    this.url = url;
    this.world = {
      WebSocket: globalThis.WebSocket,
      setTimeout: (work, delay) => setTimeout(work, delay),
      clearTimeout: (timer) => clearTimeout(timer),
      now: () => Date.now(),
      random: Math.random,
      opening: OPENING,
      ...world,
    };
  }

  open() {
    if (this.state === "connecting" || this.state === "open") return;
    this.world.clearTimeout(this.#retry);
    this.#become("connecting");
    const socket = new this.world.WebSocket(typeof this.url === "function" ? this.url() : this.url);
    this.#socket = socket;
    this.#forgetWatch();
    this.#hear(this.world.opening);
    socket.onmessage = ({ data }) => this.#socket === socket && this.#receive(data);
    socket.onclose = ({ code }) => this.#socket === socket && this.#closed(code);
  }

  /** The line may be back (online, the tab in front again): do not wait for the timer. */
  wake() {
    if (this.state === "waiting") this.open();
    else if (this.state !== "closed" && this.world.now() - this.#heard > this.#patience) this.#drop();
  }

  close() {
    this.world.clearTimeout(this.#retry);
    this.#forgetWatch();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#become("closed");
  }

  /** Says where the page stands; a line that is down says it again by itself when it is back. @param {object} command */
  send(command) {
    if (this.state === "open") this.#socket?.send(JSON.stringify(command));
  }

  #receive(data) {
    let event;
    try {
      event = JSON.parse(data);
    } catch {
      return;
    }
    if (event.type === "welcome") {
      this.failures = 0;
      this.#silence = silenceOf(event.heartbeat_seconds ?? HEARTBEAT);
      this.#forgetWatch(); // it may have to look sooner than before
      this.#become("open");
    }
    this.#hear(this.#silence);
    this.dispatchEvent(new CustomEvent("event", { detail: event }));
  }

  /** @param {number} patience until the next word, in milliseconds */
  #hear(patience) {
    this.#heard = this.world.now();
    this.#patience = patience;
    this.#watch ??= this.world.setTimeout(this.#look, patience); // one at each word would be a third of hearing it
  }

  #look = () => {
    this.#watch = undefined;
    const silent = this.world.now() - this.#heard;
    if (silent >= this.#patience) this.#drop();
    else this.#watch = this.world.setTimeout(this.#look, this.#patience - Math.max(0, silent));
  };

  #forgetWatch() {
    this.world.clearTimeout(this.#watch);
    this.#watch = undefined;
  }

  #drop() {
    const socket = this.#socket;
    this.#closed(1006);
    socket?.close(); // a dead line may take minutes to say so; its own event comes too late to count
  }

  /** @param {number} code */
  #closed(code) {
    this.#forgetWatch();
    this.#socket = null;
    if (code === LOGGED_OUT) {
      this.#become("closed");
      this.dispatchEvent(new CustomEvent("loggedout"));
      return;
    }
    const failures = code === RESTART ? 0 : this.failures;
    const delay = delayAfter(failures, this.world.random, this.longestDelay);
    this.failures += 1;
    this.#become("waiting");
    if (this.state === "waiting") this.#retry = this.world.setTimeout(() => this.open(), delay);
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
