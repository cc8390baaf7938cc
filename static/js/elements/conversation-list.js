// @ts-check
import { fromTemplate, parseFragment, say } from "../lib/dom.js";
import { get, post } from "../lib/http.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { debounce } from "../lib/timing.js";

/** The sidebar's list: hears what happens to conversations, renames and deletes them where they stand. */
class ConversationList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.#clicked);
    this.addEventListener("submit", this.#submitted);
    this.addEventListener("keydown", this.#key);
    this.addEventListener("focusout", this.#left);
    this.#markCurrent();
  }

  /** @param {{ conversation: string, title: string, writing: boolean }} news */
  hear({ conversation, title, writing }) {
    const row = this.#row(conversation);
    if (!row || row !== this.querySelector("[data-conversation-id]")) this.#refreshSoon();
    if (!row) return;
    row.toggleAttribute("data-writing", writing);
    const name = row.querySelector(".conversation-row__title");
    if (name) name.textContent = title;
  }

  /** @param {string} id */
  drop(id) {
    this.#row(id)?.remove();
    this.#refreshSoon();
  }

  async refresh() {
    if (this.querySelector(".rename")) return; // not under the hands of someone who is renaming
    try {
      this.replaceChildren(parseFragment(await get(this.dataset.url ?? "", { type: "html" })));
      this.#markCurrent();
    } catch {
      // The list as it was is better than none; the next news tries again.
    }
  }

  #refreshSoon = debounce(() => this.refresh(), 250);

  #markCurrent() {
    for (const link of this.querySelectorAll("a[aria-current]")) link.removeAttribute("aria-current");
    this.#row(this.dataset.current ?? "")?.querySelector("a")?.setAttribute("aria-current", "page");
  }

  #clicked = (event) => {
    const button = event.target.closest("button[data-act]");
    const row = button?.closest("[data-conversation-id]");
    if (!row) return;
    if (button.dataset.act === "rename") this.#startRename(row);
    // The page of a deleted conversation goes with it: there the form is posted and the next page offers Undo.
    if (button.dataset.act !== "delete" || row.dataset.conversationId === this.dataset.current) return;
    event.preventDefault();
    this.#delete(row, button.formAction);
  };

  async #delete(row, url) {
    try {
      const { restore_url: restoreUrl, title } = await post(url, {}, { type: "json" });
      row.remove();
      this.#refreshSoon();
      const text = interpolate(gettext("“%(title)s” was deleted."), { title });
      const run = () => this.#restore(restoreUrl);
      say(this, "notify", { text, action: { label: gettext("Undo"), run } });
    } catch (error) {
      say(this, "notify", { text: error.message });
    }
  }

  async #restore(url) {
    try {
      await post(url, {}, { type: "json" });
      this.refresh();
    } catch (error) {
      say(this, "notify", { text: error.message });
    }
  }

  #startRename(row) {
    const form = /** @type {HTMLFormElement | null} */ (fromTemplate("rename"));
    if (!form) return;
    form.action = row.dataset.renameUrl;
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("title"));
    field.value = row.querySelector(".conversation-row__title")?.textContent ?? "";
    row.append(form);
    row.dataset.renaming = "";
    field.focus();
    field.select();
  }

  #endRename(form) {
    const row = form.closest("[data-conversation-id]");
    if (!row || !("renaming" in row.dataset)) return; // removing a field takes its focus, which comes here again
    delete row.dataset.renaming;
    form.remove();
  }

  #submitted = async (event) => {
    const form = event.target;
    if (!form.matches(".rename")) return;
    event.preventDefault();
    const row = form.closest("[data-conversation-id]");
    const title = form.elements.namedItem("title").value.trim();
    this.#endRename(form);
    row.querySelector("a")?.focus();
    if (!title) return;
    try {
      const { title: kept } = await post(form.action, { title }, { type: "json" });
      row.querySelector(".conversation-row__title").textContent = kept;
      const conversation = row.dataset.conversationId;
      say(this, "conversation-news", { conversation, title: kept, writing: "writing" in row.dataset });
    } catch (error) {
      say(this, "notify", { text: error.message });
    }
  };

  #key = (event) => {
    const form = event.target.closest(".rename");
    if (event.key !== "Escape" || !form) return;
    event.stopPropagation(); // Escape ends the renaming, not the drawer around it
    const row = form.closest("[data-conversation-id]");
    this.#endRename(form);
    row?.querySelector("a")?.focus();
  };

  #left = ({ target, relatedTarget }) => {
    const form = target.closest(".rename");
    if (form && !form.contains(relatedTarget)) this.#endRename(form);
  };

  /** @param {string} id @returns {HTMLElement | null} */
  #row(id) {
    return id ? this.querySelector(`[data-conversation-id="${CSS.escape(id)}"]`) : null;
  }
}

customElements.define("conversation-list", ConversationList);
