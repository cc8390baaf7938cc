// @ts-check
import { storage } from "../lib/dom.js";
import { Connection } from "./connection.js";
import { Poller } from "./poller.js";

/** A page that was just reloaded because its log-in ended must not reload for ever. */
const RELOAD_PAUSE = 30_000;

/**
 * One conversation followed over one line: joins when the line opens and whenever something was missed, and asks over
 * HTTP while the line is away. It says `event`, `state`, and `missed` where news of other conversations may have passed
 * by: when the line opens, and when the server had to leave something out (it then says `joined` without being asked).
 *
 * @typedef {{ position: number | null, dataset: DOMStringMap }} Followed
 */
export class Subscription extends EventTarget {
  #joining = false;
  #opened = false;

  /**
   * @param {{ socketUrl: string, eventsUrl: string, conversationId: string }} where
   * @param {() => Followed[]} active the messages being written
   */
  constructor({ socketUrl, eventsUrl, conversationId }, active) {
    super();
    this.conversation = conversationId;
    this.active = active;
    const address = new URL(socketUrl, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.connection = new Connection(address.href);
    this.poller = new Poller(eventsUrl, () => this.#generations(), (event) => this.#deliver(event));
    this.connection.addEventListener("event", ({ detail }) => this.#heard(detail));
    this.connection.addEventListener("state", ({ detail }) => this.#changed(detail));
    this.connection.addEventListener("loggedout", reloadOnce);
  }

  start() {
    for (const name of ["online", "pageshow"]) window.addEventListener(name, this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    this.connection.open();
  }

  stop() {
    for (const name of ["online", "pageshow"]) window.removeEventListener(name, this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
    this.connection.close();
    this.poller.stop();
  }

  /** Says where the page stands and has the server send what is missing; once is enough until it answered. */
  join() {
    if (!this.conversation || this.#joining || this.connection.state !== "open") return;
    this.#joining = true;
    const known = this.#generations().filter(({ sequence }) => sequence !== null);
    const positions = Object.fromEntries(known.map(({ generation, sequence }) => [generation, sequence]));
    this.connection.send({ type: "join", conversation: this.conversation, positions });
  }

  #heard(event) {
    if (event.type === "joined" && !this.#joining) this.#missed();
    if (event.type === "joined" || event.type === "gone") this.#joining = false;
    this.#deliver(event);
    if (event.type === "welcome") this.join();
  }

  #deliver(event) {
    this.dispatchEvent(new CustomEvent("event", { detail: event }));
  }

  #changed(state) {
    this.#joining = false;
    if (state === "open") this.poller.stop();
    else this.poller.start();
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
    if (state === "open") this.#missed();
  }

  #missed() {
    this.dispatchEvent(new CustomEvent("missed", { detail: { again: this.#opened } }));
    this.#opened = true;
  }

  #generations() {
    return this.active().map(({ position, dataset }) => ({ generation: dataset.generationId ?? "", sequence: position }));
  }

  #wake = () => {
    if (document.visibilityState === "visible") this.connection.wake();
  };
}

function reloadOnce() {
  const kept = storage("sessionStorage");
  const last = Number(kept?.getItem("reloaded") ?? 0);
  if (Date.now() - last < RELOAD_PAUSE) return;
  kept?.setItem("reloaded", String(Date.now()));
  location.reload();
}
