// @ts-check
import { AnswerText } from "../lib/answer-text.js";
import { growTo, say } from "../lib/dom.js";
import { showPart } from "../lib/message-parts.js";
import { MessageTools } from "../lib/message-tools.js";
import { announcement, standing, toldOf, waysOn } from "../lib/standing.js";
import { Thinking } from "../lib/thinking.js";
import { Transcript } from "../lib/transcript.js";
import { throttle } from "../lib/timing.js";
import { isActive } from "../socket/events.js";

const SPEAKS_EVERY = 400; // ms, in a frame that draws: one of its own would cost as much again
const SPEAKS_AT_LATEST = 800; // ms

const BEGUN = /** @type {any} */ ({ status: "streaming", error: null, finish_reason: null, details: null });

/** One message, drawn by the server's `_message.html`; an answer grows, settles and offers its ways on. */
class ChatMessage extends HTMLElement {
  #transcript = /** @type {Transcript | null} */ (null);
  #words = /** @type {AnswerText | null} */ (null);
  #thinking = new Thinking("");
  #spoken = /** @type {import("../lib/spoken-answer.js").SpokenAnswer | null} */ (null);
  #saidBefore = "";
  #speakLater = throttle(() => this.#speak(), () => SPEAKS_AT_LATEST);
  #isLeaf = false;
  #tools = new MessageTools(this, () => this.text);

  connectedCallback() {
    if (this.#transcript) return; // moved, not new
    const { generationId = "", sequence = "0" } = this.dataset;
    const text = this.#part("text")?.textContent ?? "";
    const reasoning = this.#part("reasoning-text")?.textContent ?? "";
    this.#transcript = new Transcript({ generation: generationId, sequence: Number(sequence), text, reasoning });
    this.addEventListener("click", this.#act);
    if (this.dataset.role !== "assistant") return;
    this.#becomeRendered();
    this.addEventListener("submit", this.#wayOn);
  }

  disconnectedCallback() {
    this.#words?.rest();
    this.#speakLater.cancel();
  }

  get active() {
    return isActive(this.dataset.status);
  }

  /** What it says, as it was written. */
  get text() {
    return this.#transcript?.text ?? "";
  }

  /** How it is shown, `raw` as it was written or `formatted`; null where there is no choice. */
  get view() {
    return this.#words && (this.#words.raw ? "raw" : "formatted");
  }

  set view(view) {
    if (this.#words) this.#words.raw = view === "raw";
  }

  /** The last message of the branch: it alone offers Continue and Retry. */
  set isLeaf(/** @type {boolean} */ isLeaf) {
    this.#isLeaf = isLeaf;
    this.#offerWaysOn();
  }

  /** Near what the reader sees: then its tools are at hand. */
  set isNear(/** @type {boolean} */ isNear) {
    this.#tools.show(isNear);
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
      if (result === "appended") this.#grow(event.part);
      // Where the line is away, nothing else says so.
      if (result === "appended" && this.dataset.status === "pending") this.#settle(BEGUN);
      this.dataset.sequence = String(transcript.sequence);
      return result;
    }
    if (event.type === "status" && !isActive(event.status) && event.sequence !== transcript.sequence) return "gap";
    if (event.type === "snapshot") {
      if (transcript.isPast(event) || (this.#hasEnded(event) && isActive(event.status))) return "seen";
      // A selection in it stays; but one that waits may have a place in line that the page was not told yet.
      const isKnown = event.status === this.dataset.status && event.status !== "pending";
      if (isKnown && transcript.holds(event)) return "seen";
      transcript.begin(event);
    }
    this.dataset.sequence = String(transcript.sequence);
    this.#settle(event);
    return "appended";
  }

  /** Events may come by two ways, and one of them late. @param {{ generation: string }} event */
  #hasEnded({ generation }) {
    return generation === this.#transcript?.generation && !this.active;
  }

  /** @param {import("../socket/events.js").StatusEvent} event */
  #settle({ status, error, finish_reason: finishReason, details, position }) {
    this.dataset.status = status;
    this.dataset.finishReason = finishReason ?? "";
    const now = standing({ status, finishReason, error, position });
    const label = this.#part("status");
    if (label) label.textContent = now.label;
    const sentence = showPart(this, "notice", Boolean(now.notice))?.querySelector(".notice__text");
    if (sentence) sentence.textContent = now.notice;
    this.#showDetails(details);
    this.#offerWaysOn();
    this.#thinking.know(details?.thought_seconds);
    this.#draw();
    if (status === "pending" && position) say(this, "announce", now.label);
    this.#speak();
  }

  /** @param {import("../socket/events.js").Details | null} details */
  #showDetails(details) {
    const told = toldOf(details);
    showPart(this, "unusual", Object.keys(told).length > 0);
    for (const name of ["replayed", "answered_by", "tries", "cut"]) {
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
    this.#tools.offer("regenerate", ways.regenerate);
  }

  #becomeRendered() {
    const text = this.#part("text");
    if (!text) return;
    this.#words = new AnswerText(text, () => this.#speakLater.early(SPEAKS_EVERY));
    this.#saidBefore = this.text;
    this.#thinking = new Thinking(this.#part("reasoning")?.dataset.thoughtSeconds);
    const label = this.#part("status");
    const { status = "" } = this.dataset;
    if (label && !label.textContent) label.textContent = standing({ status, finishReason: null, error: null }).label;
    this.#draw();
  }

  /** @param {"text" | "reasoning"} part */
  #grow(part) {
    this.#thinking.hear(part, performance.now());
    this.#words?.grow(this.text);
    this.#speakLater();
    // At each delta of an answer this would be most of the work.
    if (part === "reasoning" || this.hasAttribute("data-empty")) this.#drawThought();
  }

  #draw() {
    this.#words?.settle(this.text, this.active);
    this.#drawThought();
  }

  /** Told from its beginning, to whoever came for it. */
  tell() {
    this.#saidBefore = "";
    if (this.active) this.#speak();
    else this.tellEnd();
  }

  /** How it ended, after the last of what it says. @param {{ message: string } | null} [error] */
  async tellEnd(error) {
    await this.#speak();
    const notice = this.querySelector(".notice__text")?.textContent?.trim();
    say(this, "announce", error?.message ?? (announcement(this.dataset.status ?? "") || notice));
  }

  /** Tells the page's live region what is said by whole sentences; for who likes an answer whole, all at its end. */
  async #speak() {
    this.#speakLater.cancel();
    if (this.text === this.#saidBefore || (this.active && this.#words?.typewriter.mode === "whole")) return;
    if (!this.#spoken) {
      // A page that is only read needs none; and where the network is away, the next words try again.
      const module = await import("../lib/spoken-answer.js").catch(() => null);
      if (!module) return;
      this.#spoken ??= new module.SpokenAnswer(this.#saidBefore);
    }
    for (const sentence of this.#spoken.hear(this.text, !this.active)) say(this, "announce", sentence);
  }

  #drawThought() {
    const { text = "", reasoning = "" } = this.#transcript ?? {};
    const box = showPart(this, "reasoning", Boolean(reasoning));
    const thought = box?.querySelector(".message__reasoning-text");
    if (thought && thought.textContent !== reasoning) growTo(/** @type {any} */ (thought), reasoning);
    const label = box?.querySelector(".message__thought");
    if (label) label.textContent = this.#thinking.label(this.active);
    this.toggleAttribute("data-empty", !text);
  }

  /** Regenerate, Continue, Retry: told to the thread, which knows the model and shows what comes of it. */
  #wayOn = (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button) say(this, "generation-wanted", { kind: button.value, button });
  };

  /** Edit, Regenerate, versions, the menu: told to the thread as well. */
  #act = (event) => {
    const button = event.target.closest(".tools [data-act]");
    if (button) say(this, "message-act", { act: button.dataset.act, button });
  };

  /** @param {string} name @returns {HTMLElement | null} */
  #part(name) {
    return this.querySelector(`.message__${name}`);
  }

  /** @param {string} selector @param {boolean} visible */
  #show(selector, visible) {
    const element = /** @type {HTMLElement | null} */ (this.querySelector(selector));
    if (element && element.hidden === visible) element.hidden = !visible;
  }
}

customElements.define("chat-message", ChatMessage);
