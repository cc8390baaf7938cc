// @ts-check
import { gettext } from "../lib/i18n.js";
import { isDark } from "../lib/theme.js";

/** Asks what to save as an image, and in which colours. What draws it is loaded when it is used. */
class PictureDialog extends HTMLElement {
  /** @type {() => Promise<HTMLElement[]>} gives the messages there are; a long conversation may have to fetch some */
  #collect = async () => [];
  /** @type {HTMLElement[]} */
  #messages = [];
  #title = "";

  connectedCallback() {
    this.#part("save").addEventListener("click", this.#save);
    this.addEventListener("change", this.#choose);
  }

  disconnectedCallback() {
    this.#part("save").removeEventListener("click", this.#save);
    this.removeEventListener("change", this.#choose);
  }

  /**
   * @param {{ title: string, collect: () => Promise<HTMLElement[]>, messages?: HTMLElement[] }} choice `messages`, where
   *   it is known what to save, and nothing is to be chosen
   */
  open({ title, collect, messages }) {
    this.#title = title;
    this.#collect = messages ? async () => messages : collect;
    this.#messages = [];
    this.#part("which").hidden = Boolean(messages);
    this.#check("which", "all");
    this.#check("theme", isDark() ? "dark" : "light");
    this.#part("messages").hidden = true;
    this.#tell("");
    this.#dialog.showModal();
  }

  #choose = async () => {
    const some = this.#value("which") === "some";
    this.#part("messages").hidden = !some;
    if (!some || this.#messages.length) return;
    this.#messages = await this.#collect();
    this.#part("messages").replaceChildren(...this.#messages.map((message) => this.#row(message)));
  };

  #save = async () => {
    const save = /** @type {HTMLButtonElement} */ (this.#part("save"));
    const progress = /** @type {HTMLProgressElement} */ (this.#part("progress"));
    this.#tell("");
    save.disabled = true;
    progress.hidden = false;
    progress.removeAttribute("value");
    try {
      const messages = this.#value("which") === "some" ? this.#chosen : await this.#collect();
      if (!messages.length) return this.#tell(gettext("Choose at least one message."));
      const { savePicture } = await import("../lib/picture/save-picture.js");
      const theme = this.#value("theme") === "dark" ? "dark" : "light";
      const onProgress = (done, of) => Object.assign(progress, { max: of, value: done });
      await savePicture(messages, { title: this.#title, theme, onProgress });
      this.#dialog.close();
    } catch {
      this.#tell(gettext("The image could not be drawn. Try it with fewer messages."));
    } finally {
      save.disabled = false;
      progress.hidden = true;
    }
  };

  /** @param {HTMLElement} message */
  #row(message) {
    const row = /** @type {DocumentFragment} */ (document.importNode(/** @type {any} */ (this.querySelector("template")).content, true));
    const name = message.querySelector(".message__name")?.textContent;
    const text = message.querySelector(".message__text")?.textContent?.trim().slice(0, 120) ?? "";
    const label = row.querySelector("span");
    if (label) label.textContent = name ? `${name}: ${text}` : text;
    return row;
  }

  get #chosen() {
    const boxes = [...this.#part("messages").querySelectorAll("input")];
    return this.#messages.filter((_, index) => boxes[index].checked);
  }

  /** @param {string} sentence */
  #tell(sentence) {
    this.#part("trouble").textContent = sentence;
    this.#part("trouble").hidden = !sentence;
  }

  #check(name, value) {
    const input = /** @type {HTMLInputElement} */ (this.querySelector(`[name=${name}][value=${value}]`));
    input.checked = true;
  }

  #value(name) {
    return /** @type {HTMLInputElement | null} */ (this.querySelector(`[name=${name}]:checked`))?.value;
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-part=${name}]`));
  }

  get #dialog() {
    return /** @type {HTMLDialogElement} */ (this.querySelector("dialog"));
  }
}

customElements.define("picture-dialog", PictureDialog);
