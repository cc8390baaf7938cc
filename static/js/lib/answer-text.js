// @ts-check
import { growTo } from "./dom.js";
import { dress } from "./dress.js";
import { MarkdownStream } from "./markdown-stream.js";
import { afterPaint, throttle } from "./timing.js";
import { modeOf, Typewriter } from "./typewriter.js";

/**
 * The words of one answer in the page: rendered or, when its reader asks, as they were written; while they are being
 * written, as its reader likes them to appear.
 */
export class AnswerText {
  #text = "";
  #active = false;
  #raw = false;
  #cost = 0;
  /** @type {MarkdownStream | null} */
  #stream = null;

  /** @param {HTMLElement} element @param {() => void} [drawn] told in the frame that shows more of it */
  constructor(element, drawn = () => {}) {
    this.element = element;
    this.drawn = drawn;
    const still = Boolean(globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches);
    this.typewriter = new Typewriter(modeOf(document.documentElement.dataset.typewriter, still));
  }

  /** More of it has come. @param {string} text */
  grow(text) {
    this.#text = text;
    this.#active = true;
    this.typewriter.write(text, performance.now());
    this.#drawLater();
  }

  /** As it stands, all at once. @param {string} text @param {boolean} active whether more may come */
  settle(text, active) {
    this.#text = text;
    this.#active = active;
    this.#drawLater.cancel();
    if (!active || this.typewriter.mode !== "whole") this.typewriter.jump(text);
    this.#draw();
  }

  /** Nobody looks any more. */
  rest() {
    this.#drawLater.cancel();
  }

  /** @param {boolean} raw whether it is shown as it was written */
  set raw(raw) {
    this.#raw = raw;
    this.#stream = null;
    this.element.textContent = "";
    this.element.removeAttribute("data-rendered");
    this.element.dir = "auto";
    this.#draw();
  }

  get raw() {
    return this.#raw;
  }

  #drawLater = throttle(
    () => this.#draw(),
    // Ten times a second, thirty for a smooth one; what takes longer, with the browser's own work on it, gets a
    // sixteenth of the time, and the page the rest. Twice a second on any machine.
    () => Math.max(this.typewriter.mode === "smooth" ? 33 : 100, Math.min(500, this.#cost * 16)),
  );

  #draw() {
    const start = performance.now();
    const text = this.#active ? this.typewriter.shownAt(start) : this.#text;
    if (this.#raw) growTo(this.element, text);
    else this.#render(text);
    if (this.#active !== (this.element.ariaBusy === "true")) this.element.ariaBusy = String(this.#active);
    this.drawn();
    afterPaint(() => (this.#cost = (this.#cost + performance.now() - start) / 2));
    if (this.#active && this.typewriter.isBehind) this.#drawLater();
  }

  #render(text) {
    if (!this.#stream) {
      this.element.textContent = "";
      this.element.dataset.rendered = "";
      // Each block has a direction of its own; of the whole, the browser would ask anew at every change in it.
      this.element.removeAttribute("dir");
      this.#stream = new MarkdownStream(this.element, dress);
    }
    if (this.#active) this.#stream.update(text);
    else this.#stream.finish(text);
  }
}
