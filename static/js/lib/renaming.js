// @ts-check
import { fromTemplate, say } from "./dom.js";
import { composes } from "./enter.js";
import { post } from "./http.js";

const ROW = "[data-conversation-id]";
const FORM = ".rename";

/** Renaming a conversation where it stands in a list. What was typed stays until it is saved or given up. */
export class Renaming {
  /** @param {HTMLElement} list @param {() => void} ended */
  constructor(list, ended) {
    this.list = list;
    this.ended = ended;
    list.addEventListener("focusout", this.#left);
  }

  get isGoingOn() {
    return Boolean(this.list.querySelector(FORM));
  }

  /** @param {HTMLElement} row */
  start(row) {
    const form = /** @type {HTMLFormElement | null} */ (fromTemplate("rename"));
    if (!form) return;
    form.action = `${row.dataset.url}title/`;
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("title"));
    field.value = row.querySelector(".conversation-row__title")?.textContent ?? "";
    row.append(form);
    row.dataset.renaming = "";
    field.focus();
    field.select();
  }

  /** @param {any} event @returns {Promise<void> | undefined} */
  submitted(event) {
    if (!event.target.matches(FORM)) return;
    event.preventDefault();
    return this.#save(event.target);
  }

  /** @param {any} event */
  key(event) {
    const form = event.target.closest(FORM);
    if (!form || !["Escape", "Enter"].includes(event.key)) return;
    if (event.key === "Escape") event.stopPropagation(); // it ends the renaming, not the drawer around it
    if (composes(event)) return event.key === "Enter" && event.preventDefault();
    if (event.key === "Escape") this.#end(form, { focus: true });
  }

  async #save(form) {
    const row = form.closest(ROW);
    const title = form.elements.namedItem("title").value.trim();
    if (form.dataset.standing === "saving") return;
    if (!title) return this.#end(form, { focus: true });
    form.dataset.standing = "saving";
    try {
      const { title: kept } = await post(form.action, { title }, { type: "json" });
      row.querySelector(".conversation-row__title").textContent = kept;
      this.#end(form, { focus: form.contains(document.activeElement) });
      const conversation = row.dataset.conversationId;
      say(this.list, "conversation-news", { conversation, title: kept, writing: "writing" in row.dataset });
    } catch (error) {
      form.dataset.standing = "refused";
      say(this.list, "notify", { text: error.message });
    }
  }

  #left = (/** @type {any} */ { target, relatedTarget }) => {
    const form = target.closest(FORM);
    if (form && !form.dataset.standing && !form.contains(relatedTarget)) this.#end(form);
  };

  #end(form, { focus = false } = {}) {
    const row = form.closest(ROW);
    if (!row || !("renaming" in row.dataset)) return; // removing a field takes its focus, which comes here again
    delete row.dataset.renaming;
    form.remove();
    if (focus) row.querySelector("a")?.focus();
    this.ended();
  }
}
