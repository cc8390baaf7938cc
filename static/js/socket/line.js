// @ts-check
import { Connection } from "./connection.js";
import { StreamSocket } from "./stream-socket.js";

/** How long the socket may take before the stream is tried beside it, in milliseconds. */
const PATIENCE = 3000;

/** A stream that says nothing for so long is kept by something on the way: soon noticed, it is asked for again later. */
const OPENING = 6000;

/** While another way works, the one that does not is tried this seldom. */
const SELDOM = 60_000;

/**
 * One line over the best of two ways: the socket and, where that does not get through, a stream over HTTP. It says
 * `event` and `loggedout` as a `Connection` does, and `state`: "socket", "stream", or how the socket stands.
 */
export class Line extends EventTarget {
  state = "closed";
  #began = false;
  #hasOpened = false;
  #timer = /** @type {any} */ (undefined);

  /**
   * @param {{ socketUrl: string, streamUrl: () => string }} where
   * @param {ConstructorParameters<typeof Connection>[1] & { Stream?: any, isHidden?: () => boolean }} [world]
   */
  constructor({ socketUrl, streamUrl }, world = {}) {
    super();
    const { Stream = StreamSocket, isHidden = () => document.visibilityState === "hidden", ...around } = world;
    this.isHidden = isHidden;
    this.socket = new Connection(socketUrl, around);
    this.stream = new Connection(streamUrl, { ...around, WebSocket: Stream, opening: OPENING });
    for (const way of [this.socket, this.stream]) {
      way.addEventListener("event", ({ detail }) => this.#tell("event", detail));
      way.addEventListener("loggedout", () => this.#loggedOut());
    }
    this.socket.addEventListener("state", ({ detail }) => this.#socketChanged(detail));
    this.stream.addEventListener("state", ({ detail }) => this.#streamChanged(detail));
  }

  open() {
    this.#began = true;
    this.#expectSocket();
    this.socket.open();
  }

  close() {
    this.#began = false;
    this.#forgetTimer();
    this.stream.close();
    this.socket.close();
  }

  /** The network may be back, or the page be looked at again. */
  wake() {
    if (!this.#began || this.isHidden()) return;
    if (this.stream.state === "closed" && this.socket.failures) this.#fallBack();
    this.stream.wake();
    this.socket.wake();
  }

  /** Nobody looks. A browser has six connections for all pages of an HTTP/1.1 server: a stream would keep one. */
  rest() {
    this.stream.close();
  }

  /** @param {object} command */
  send(command) {
    this.socket.send(command);
  }

  #socketChanged(state) {
    if (state === "open") {
      this.#forgetTimer();
      this.#hasOpened = true;
      this.stream.close();
      this.stream.failures = 0;
    }
    // One that was open comes back, as a rule: the first try is its own.
    if (state === "waiting" && this.socket.failures > (this.#hasOpened ? 1 : 0)) this.#fallBack();
    this.#become();
  }

  #streamChanged(state) {
    // The portal is there: perhaps it has just come back, and the socket need not wait either.
    if (state === "open") {
      this.socket.wake();
      this.socket.longestDelay = SELDOM;
    } else {
      this.socket.longestDelay = undefined;
    }
    this.stream.longestDelay = this.stream.failures > 2 ? SELDOM : undefined;
    this.#become();
  }

  #fallBack() {
    this.#forgetTimer();
    if (this.#began && this.stream.state === "closed" && !this.isHidden()) this.stream.open();
  }

  #expectSocket() {
    this.#forgetTimer();
    this.#timer = this.socket.world.setTimeout(() => this.#fallBack(), PATIENCE);
  }

  #forgetTimer() {
    this.socket.world.clearTimeout(this.#timer);
  }

  #loggedOut() {
    this.close();
    this.#tell("loggedout");
  }

  #become() {
    const now = this.socket.state === "open" ? "socket" : this.stream.state === "open" ? "stream" : this.socket.state;
    if (now === this.state) return;
    this.state = now;
    this.#tell("state", now);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
