// @ts-check
import { AnswerText } from "../lib/answer-text.js";
import { growTo, say } from "../lib/dom.js";
import { showPart } from "../lib/message-parts.js";
import { MessageTools } from "../lib/message-tools.js";
import { standing, toldOf, waysOn } from "../lib/standing.js";
import { Thinking } from "../lib/thinking.js";
import { Transcript } from "../lib/transcript.js";
import { isActive } from "../socket/events.js";

/** One message, drawn by the server's `_message.html`; an answer grows, settles and offers its ways on. */
class ChatMessage extends HTMLElement {
  #transcript = /** @type {Transcript | null} */ (null);
  #words = /** @type {AnswerText | null} */ (null);
  #thinking = new Thinking("");
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
      this.dataset.sequence = String(transcript.sequence);
      return result;
    }
    if (event.type === "status" && !isActive(event.status) && event.sequence !== transcript.sequence) return "gap";
    if (event.type === "snapshot") {
      // A selection in it stays; but one that waits may have a place in line that the page was not told yet.
      const isKnown = event.status === this.dataset.status && event.status !== "pending";
      if (isKnown && transcript.holds(event)) return "seen";
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
    const sentence = showPart(this, "notice", Boolean(now.notice))?.querySelector(".notice__text");
    if (sentence) sentence.textContent = now.notice;
    this.#showDetails(details);
    this.#offerWaysOn();
    this.#thinking.know(details?.thought_seconds);
    this.#draw();
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
    this.#words = new AnswerText(text);
    this.#thinking = new Thinking(this.#part("reasoning")?.dataset.thoughtSeconds);
    const label = this.#part("status");
    const { status = "" } = this.dataset;
    if (label && !label.textContent) label.textContent = standing({ status, finishReason: null, error: null }).label;
    this.#draw();
  }

  /** @param {"text" | "reasoning"} part */
  #grow(part) {
    this.#thinking.hear(part, performance.now());
    this.#words?.grow(this.#transcript?.text ?? "");
    // At each delta of an answer this would be most of the work.
    if (part === "reasoning" || this.hasAttribute("data-empty")) this.#drawThought();
  }

  #draw() {
    this.#words?.settle(this.#transcript?.text ?? "", this.active);
    this.#drawThought();
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
