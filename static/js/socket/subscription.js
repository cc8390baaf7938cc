// @ts-check
import { storage } from "../lib/dom.js";
import { Line } from "./line.js";
import { Poller } from "./poller.js";

/** A page that was just reloaded because its log-in ended must not reload for ever. */
const RELOAD_PAUSE = 30_000;

/**
 * One conversation followed over one line: joins when the line opens and whenever something was missed, and asks over
 * HTTP while the line is away. It says `event`, `state` ("socket", "stream", "polling", "connecting", "waiting" or
 * "closed"), and `missed` where news of other conversations may have passed by: when the line opens, and when the
 * server had to leave something out (it then says `joined` without being asked).
 *
 * @typedef {{ position: number | null, dataset: DOMStringMap }} Followed
 */
export class Subscription extends EventTarget {
  #joining = false;
  #opened = false;
  #state = "closed";

  /**
   * @param {{ socketUrl: string, streamUrl: string, eventsUrl: string, conversationId: string }} where
   * @param {() => Followed[]} active the messages being written
   */
  constructor({ socketUrl, streamUrl, eventsUrl, conversationId }, active) {
    super();
    this.conversation = conversationId;
    this.active = active;
    const address = new URL(socketUrl, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.line = new Line({ socketUrl: address.href, streamUrl: () => `${streamUrl}?${this.#asQuery()}` });
    this.poller = new Poller(eventsUrl, () => this.#generations(), (event) => this.#deliver(event));
    this.line.addEventListener("event", ({ detail }) => this.#heard(detail));
    this.line.addEventListener("state", ({ detail }) => this.#changed(detail));
    this.poller.addEventListener("answered", ({ detail }) => this.#polled(detail));
    this.poller.addEventListener("unanswered", () => this.#state === "polling" && this.#say(this.line.state));
    for (const way of [this.line, this.poller]) way.addEventListener("loggedout", reloadOnce);
  }

  start() {
    for (const name of ["online", "pageshow"]) window.addEventListener(name, this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    this.line.open();
  }

  stop() {
    for (const name of ["online", "pageshow"]) window.removeEventListener(name, this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
    this.line.close();
    this.poller.stop();
  }

  /** Says where the page stands and has the server send what is missing; once is enough until it answered. */
  join() {
    if (!this.conversation || this.#joining) return;
    // A stream is not spoken to. What it has joined goes on; what is missing is asked for beside it.
    if (this.line.state === "stream") return void this.#ask();
    if (this.line.state !== "socket") return;
    this.#joining = true;
    this.line.send({ type: "join", conversation: this.conversation, positions: this.#positions() });
  }

  async #ask() {
    this.#joining = true;
    try {
      await this.poller.ask();
    } catch {
      // The stream will be noticed to be down, too.
    } finally {
      this.#joining = false;
    }
  }

  #heard(event) {
    if (event.type === "joined" && !this.#joining) this.#missed();
    if (event.type === "joined" || event.type === "gone") this.#joining = false;
    this.#deliver(event);
    if (event.type !== "welcome") return;
    if (this.line.state === "stream") this.#joining = Boolean(this.conversation); // by its address
    else this.join();
  }

  #deliver(event) {
    this.dispatchEvent(new CustomEvent("event", { detail: event }));
  }

  #changed(state) {
    this.#joining = false;
    const isOpen = state === "socket" || state === "stream";
    if (isOpen) this.poller.stop();
    else if (state !== "closed") this.poller.start();
    // What is polled is not down, however often a line is tried beside it.
    if (isOpen || this.#state !== "polling" || state === "closed") this.#say(state);
    if (isOpen) this.#missed();
  }

  /** @param {boolean} wasWriting */
  #polled(wasWriting) {
    this.#say("polling");
    if (!wasWriting) this.#missed();
  }

  #say(state) {
    this.#state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }

  #missed() {
    this.dispatchEvent(new CustomEvent("missed", { detail: { again: this.#opened } }));
    this.#opened = true;
  }

  #generations() {
    return this.active().map(({ position, dataset }) => ({ generation: dataset.generationId ?? "", sequence: position }));
  }

  #positions() {
    const known = this.#generations().filter(({ sequence }) => sequence !== null);
    return Object.fromEntries(known.map(({ generation, sequence }) => [generation, sequence]));
  }

  #asQuery() {
    if (!this.conversation) return "";
    return new URLSearchParams({ conversation: this.conversation, positions: JSON.stringify(this.#positions()) });
  }

  #wake = () => {
    if (document.visibilityState === "visible") return this.line.wake();
    if (this.line.stream.state === "closed") return;
    this.line.rest();
    this.poller.start();
  };
}

/** What would be lost with the page: a message, a title or a prompt that somebody is writing. */
const IN_HANDS = "[data-editing], [data-renaming], dialog[open] textarea";
const HELD_FOR = 300; // seconds; then what is on the page goes, for its reader may have logged out elsewhere

/** @param {unknown} [_event] @param {number} [waited] seconds */
function reloadOnce(_event, waited = 0) {
  if (waited < HELD_FOR && document.querySelector(IN_HANDS)) {
    setTimeout(() => reloadOnce(_event, waited + 1), 1000);
    return;
  }
  const kept = storage("sessionStorage");
  const last = Number(kept?.getItem("reloaded") ?? 0);
  if (Date.now() - last < RELOAD_PAUSE) return;
  kept?.setItem("reloaded", String(Date.now()));
  location.reload();
}
