// @ts-check
import { fromTemplate, say } from "../lib/dom.js";
import { composes } from "../lib/enter.js";
import { get } from "../lib/http.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { TemplateFinder, queryIn } from "../lib/template-finder.js";

const GAP = 8; // px

/**
 * The list that "/" opens over the composer. The focus stays in the field, which says by `aria-activedescendant` what
 * is active; it stays a textbox, for a message is more than a choice.
 */
class TemplateMenu extends HTMLElement {
  #finder = new TemplateFinder();
  #field = /** @type {HTMLTextAreaElement | null} */ (null);
  #dismissed = false; // by Escape, until another "/" is typed
  #asked = false; // the server, since "/" was typed
  #knows = false; // what there is
  #inText = false; // whether one is put in, and not in the place of the "/"

  connectedCallback() {
    this.addEventListener("click", this.#clicked);
    this.addEventListener("pointerdown", keepFocus);
    window.addEventListener("resize", this.#place);
  }

  disconnectedCallback() {
    window.removeEventListener("resize", this.#place);
  }

  /** @param {HTMLTextAreaElement} field */
  serve(field) {
    this.#field = field;
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-haspopup", "listbox");
    field.setAttribute("aria-controls", this.#list.id);
  }

  get isOpen() {
    return !this.hidden;
  }

  /** What stands in the field has changed. */
  consider() {
    const query = this.#query;
    if (query === null) this.#dismissed = this.#asked = false;
    if (query === null || this.#dismissed) return this.close();
    this.#inText = false;
    this.#show(query);
  }

  /** All of them, to put one into a text. */
  open() {
    const query = this.#query;
    this.#finder.look(query ?? "");
    this.#inText = query === null || !this.#finder.found.length; // "/etc/hosts" is a text, too
    this.#dismissed = this.#asked = false;
    this.#show(this.#inText ? "" : query);
  }

  close() {
    this.hidden = true;
    this.#field?.removeAttribute("aria-activedescendant");
  }

  /** Whether the key was for the list. @param {KeyboardEvent} event */
  key(event) {
    if (!this.isOpen || composes(event) || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === "Escape") this.#dismiss();
    else if (!this.#finder.found.length) return false;
    else if (event.key === "ArrowDown") this.#move(1);
    else if (event.key === "ArrowUp") this.#move(-1);
    else if (event.key === "Enter" || event.key === "Tab") this.#choose();
    else return false;
    return true;
  }

  #show(query) {
    this.#finder.look(query);
    this.#draw();
    if (!this.#asked) this.#fetch();
  }

  async #fetch() {
    this.#asked = true;
    try {
      const { templates } = await get(this.dataset.url ?? "", { type: "json" });
      this.#finder.take(templates);
      this.#knows = true;
      if (this.#asked && !this.#dismissed) this.#draw();
    } catch (error) {
      if (!this.#knows) say(this, "notify", { text: error.message });
    }
  }

  #draw() {
    const { found, entries } = this.#finder;
    const none = /** @type {HTMLElement} */ (this.querySelector(".template-menu__none"));
    none.hidden = !this.#knows || Boolean(entries.length || this.#query);
    if (!found.length && none.hidden) return this.close();
    this.#list.replaceChildren(...found.map(option));
    this.hidden = false;
    this.#place();
    this.#mark();
    say(this, "announce", interpolate(gettext("Prompt templates found: %(count)s"), { count: found.length }));
  }

  #move(step) {
    this.#finder.move(step);
    this.#mark();
  }

  #mark() {
    for (const [index, each] of [...this.#list.children].entries()) {
      each.setAttribute("aria-selected", String(index === this.#finder.active));
    }
    const active = this.#list.children[this.#finder.active];
    active?.scrollIntoView({ block: "nearest" });
    if (active) this.#field?.setAttribute("aria-activedescendant", active.id);
    else this.#field?.removeAttribute("aria-activedescendant");
  }

  async #choose() {
    const { chosen } = this.#finder;
    const inText = this.#inText;
    const before = this.#field?.value;
    this.#dismiss();
    try {
      const { text } = await get(chosen.url, { type: "json" });
      if (this.#field?.value === before) say(this, "template-chosen", { text, inText });
    } catch (error) {
      say(this, "notify", { text: error.message });
    }
  }

  #dismiss() {
    this.#dismissed = true;
    this.close();
  }

  #clicked = ({ target }) => {
    const index = [...this.#list.children].indexOf(target.closest("[role=option]"));
    if (index < 0) return;
    this.#finder.active = index;
    this.#choose();
  };

  /** Over the composer, whose surroundings clip what leaves them: so by the window, and in its own coordinates. */
  #place = () => {
    const box = this.parentElement?.getBoundingClientRect();
    if (!box || !this.isOpen) return;
    const start = document.dir === "rtl" ? window.innerWidth - box.right : box.left;
    this.style.insetInlineStart = `${start}px`;
    this.style.inlineSize = `${box.width}px`;
    this.style.insetBlockEnd = `${window.innerHeight - box.top + GAP}px`;
    this.style.maxBlockSize = `${box.top - 2 * GAP}px`;
  };

  get #query() {
    return queryIn(this.#field?.value ?? "");
  }

  get #list() {
    return /** @type {HTMLElement} */ (this.querySelector("[role=listbox]"));
  }
}

/** @param {import("../lib/template-finder.js").Entry} entry @param {number} index */
function option({ title, excerpt, is_shared }, index) {
  const row = /** @type {HTMLElement} */ (fromTemplate("template-option"));
  row.id = `template-option-${index}`;
  const part = (name) => /** @type {HTMLElement} */ (row.querySelector(`.template-menu__${name}`));
  part("title").textContent = title;
  part("excerpt").textContent = excerpt;
  part("shared").hidden = !is_shared;
  return row;
}

/** A press in the list is no way out of the field; its link is one. */
const keepFocus = (event) => event.target.closest("a") || event.preventDefault();

customElements.define("template-menu", TemplateMenu);
