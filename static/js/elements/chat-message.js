// @ts-check
import { say } from "../lib/dom.js";
import { dress } from "../lib/dress.js";
import { MarkdownStream } from "../lib/markdown-stream.js";
import { standing, toldOf, waysOn } from "../lib/standing.js";
import { throttle } from "../lib/timing.js";
import { Transcript } from "../lib/transcript.js";
import { isActive } from "../socket/events.js";

/** One message, drawn by the server's `_message.html`; an answer grows, settles and offers its ways on. */
class ChatMessage extends HTMLElement {
  #transcript = /** @type {Transcript | null} */ (null);
  #stream = /** @type {MarkdownStream | null} */ (null);
  #cost = 0;
  #isLeaf = false;

  connectedCallback() {
    if (this.#transcript) return; // moved, not new
    const { generationId = "", sequence = "0" } = this.dataset;
    const text = this.#part("text")?.textContent ?? "";
    const reasoning = this.#part("reasoning-text")?.textContent ?? "";
    this.#transcript = new Transcript({ generation: generationId, sequence: Number(sequence), text, reasoning });
    const copy = /** @type {any} */ (this.querySelector(".message__actions copy-button"));
    if (copy) copy.source = () => this.#transcript?.text;
    if (this.dataset.role !== "assistant") return;
    this.#becomeRendered();
    this.addEventListener("submit", this.#wayOn);
  }

  disconnectedCallback() {
    this.#drawLater.cancel();
  }

  get active() {
    return isActive(this.dataset.status);
  }

  /** The last message of the branch: it alone offers ways on. */
  set isLeaf(/** @type {boolean} */ isLeaf) {
    this.#isLeaf = isLeaf;
    this.#offerWaysOn();
  }

  /** The number this message stands at; null asks for a whole snapshot. */
  get position() {
    return this.#transcript?.position ?? null;
  }

  /**
   * An event about this message's generation.
   * @param {any} event
   * @returns {"appended" | "seen" | "gap"}
   */
  hear(event) {
    const transcript = /** @type {Transcript} */ (this.#transcript);
    if (event.type === "delta") {
      const result = transcript.apply(event);
      if (result === "appended") this.#drawLater();
      this.dataset.sequence = String(transcript.sequence);
      return result;
    }
    if (event.type === "status" && !isActive(event.status) && event.sequence !== transcript.sequence) return "gap";
    if (event.type === "snapshot") {
      if (event.status === this.dataset.status && transcript.holds(event)) return "seen"; // a selection in it stays
      transcript.begin(event);
    }
    this.dataset.sequence = String(transcript.sequence);
    this.#settle(event);
    return "appended";
  }

  /** @param {import("../socket/events.js").StatusEvent} event */
  #settle({ status, error, finish_reason: finishReason, details, position }) {
    this.dataset.status = status;
    this.dataset.finishReason = finishReason ?? "";
    const now = standing({ status, finishReason, error, position });
    const label = this.#part("status");
    if (label) label.textContent = now.label;
    const sentence = this.querySelector(".notice__text");
    if (sentence) sentence.textContent = now.notice;
    this.#show(".message__notice", Boolean(now.notice));
    this.#showDetails(details);
    this.#offerWaysOn();
    this.#drawLater.cancel();
    this.#draw();
  }

  /** @param {import("../socket/events.js").Details | null} details */
  #showDetails(details) {
    const told = toldOf(details);
    this.#show(".message__details", Object.keys(told).length > 0);
    for (const name of ["replayed", "answered_by", "tries"]) {
      this.#show(`[data-detail=${name}]`, name in told);
      const value = this.querySelector(`[data-detail=${name}] [data-value]`);
      if (value && name in told) value.textContent = String(told[name]);
    }
  }

  #offerWaysOn() {
    const { status = "", finishReason = "" } = this.dataset;
    const hasText = Boolean(this.#transcript?.text);
    const ways = waysOn({ status, hasText, finishReason, isLeaf: this.#isLeaf });
    for (const [kind, offered] of Object.entries(ways)) this.#show(`[value=${kind}]`, offered);
  }

  #becomeRendered() {
    const text = this.#part("text");
    if (!text) return;
    text.textContent = "";
    text.dataset.rendered = "";
    this.#stream = new MarkdownStream(text, dress);
    this.#draw();
  }

  #drawLater = throttle(
    () => this.#draw(),
    // Ten times a second; a huge open block gets the time it needs, and the page the rest.
    () => Math.max(100, this.#cost * 4),
  );

  #draw() {
    const { text = "", reasoning = "" } = this.#transcript ?? {};
    const start = performance.now();
    if (this.active) this.#stream?.update(text);
    else this.#stream?.finish(text);
    this.#cost = performance.now() - start;
    const thought = this.#part("reasoning-text");
    if (thought) thought.textContent = reasoning;
    this.#show(".message__reasoning", Boolean(reasoning));
    this.toggleAttribute("data-empty", !text);
    this.#part("text")?.setAttribute("aria-busy", String(this.active));
  }

  /** Regenerate, Continue, Retry: told to the thread, which knows the model and shows what comes of it. */
  #wayOn = (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button) say(this, "generation-wanted", { kind: button.value, button });
  };

  /** @param {string} name @returns {HTMLElement | null} */
  #part(name) {
    return this.querySelector(`.message__${name}`);
  }

  /** @param {string} selector @param {boolean} visible */
  #show(selector, visible) {
    const element = /** @type {HTMLElement | null} */ (this.querySelector(selector));
    if (element) element.hidden = !visible;
  }
}

customElements.define("chat-message", ChatMessage);
