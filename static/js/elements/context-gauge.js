// @ts-check
import { gauge } from "../lib/gauge.js";
import { get } from "../lib/http.js";
import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { debounce } from "../lib/timing.js";

const NOTHING = { window: null, room: 0, system: 0, earlier: [], uncounted: 0 };
const SHOWN_FROM = 50; // tokens: below that nobody wonders

/** Shows before sending how much of the model's window is taken, and what would not fit. */
class ContextGauge extends HTMLElement {
  #counted = /** @type {import("../lib/gauge.js").Counted} */ (NOTHING);
  #model = "";

  connectedCallback() {
    this.closest("form")?.addEventListener("input", this.#drawSoon);
  }

  disconnectedCallback() {
    this.closest("form")?.removeEventListener("input", this.#drawSoon);
  }

  /** Something has changed of what would be sent. @param {{ model: string, window: number | null }} chosen */
  count({ model, window }) {
    this.#model = model;
    this.#counted = { ...this.#counted, window, room: window ? Math.min(1024, Math.floor(window / 4)) : 0 };
    this.#draw();
    if (this.dataset.url) this.#fetchSoon();
  }

  #fetchSoon = debounce(() => this.#fetch(), 300);
  #drawSoon = debounce(() => this.#draw(), 150);

  async #fetch() {
    try {
      this.#counted = await get(`${this.dataset.url}?model=${encodeURIComponent(this.#model)}`, { type: "json" });
      this.#draw();
    } catch {
      // An estimate that is late is no reason to say anything.
    }
  }

  #draw() {
    const draft = this.closest("form")?.querySelector("textarea")?.value ?? "";
    const { tokens, cut, share } = gauge(this.#counted, draft);
    this.hidden = tokens < SHOWN_FROM && !cut;
    this.toggleAttribute("data-full", cut > 0);
    const fill = /** @type {HTMLElement | null} */ (this.querySelector(".gauge__fill"));
    const bar = /** @type {HTMLElement | null} */ (this.querySelector(".gauge__bar"));
    if (fill && bar) {
      bar.hidden = share === null;
      fill.style.inlineSize = `${Math.round((share ?? 0) * 100)}%`;
    }
    const text = this.querySelector(".gauge__text");
    if (text) text.textContent = this.#sentence(tokens, cut);
  }

  /** @param {number} tokens @param {number} cut */
  #sentence(tokens, cut) {
    const { window } = this.#counted;
    const count = tokens.toLocaleString(document.documentElement.lang);
    if (cut) {
      const sentence = ngettext("The oldest message will not be sent", "The %(cut)s oldest messages will not be sent", cut);
      return interpolate(sentence, { cut });
    }
    if (window === null) return interpolate(gettext("≈ %(count)s tokens"), { count });
    const most = window.toLocaleString(document.documentElement.lang);
    return interpolate(gettext("≈ %(count)s of %(most)s tokens"), { count, most });
  }
}

customElements.define("context-gauge", ContextGauge);
