// @ts-check
import { parseFragment, say } from "./dom.js";
import { openEditForm } from "./edit-form.js";
import { gettext } from "./i18n.js";
import * as acts from "./message-acts.js";
import { PopoverMenu } from "./popover-menu.js";

const REPLACES = new Set(["previous", "next", "regenerate", "delete"]);

/** Does what the tools and the menu of a message offer, and shows what comes of it. */
export class MessageMenu {
  /**
   * @param {HTMLElement} thread
   * @param {(html: string, then?: { end?: boolean }) => void} show
   */
  constructor(thread, show) {
    this.thread = thread;
    this.show = show;
    this.menu = new PopoverMenu(/** @type {HTMLElement} */ (document.getElementById("message-menu")));
    thread.addEventListener("message-act", this.#acted);
  }

  stop() {
    this.thread.removeEventListener("message-act", this.#acted);
  }

  #acted = (/** @type {any} */ { target, detail: { act, button } }) => this.#do(act, target, button);

  /** @param {string} act @param {any} message @param {HTMLElement} [button] */
  async #do(act, message, button) {
    try {
      // What it shows then may leave no place for what is being written.
      if (REPLACES.has(act) && this.thread.querySelector("[data-editing]"))
        throw new Error(gettext("Save or cancel what you are editing first."));
      await this.#acts[act]?.(message, button);
    } catch (error) {
      say(this.thread, "notify", { text: error.message });
    }
  }

  /** @type {Record<string, (message: any, button?: any) => unknown>} */
  #acts = {
    menu: (message, button) => this.menu.open(button, acts.menuOf(message), (act) => this.#do(act, message)),
    regenerate: (message, button) => say(message, "generation-wanted", { kind: "regenerate", button }),
    previous: (message) => this.#turnTo(message, "previous"),
    next: (message) => this.#turnTo(message, "next"),
    edit: (message) => this.#edit(message),
    raw: (message) => Object.assign(message, { view: "raw" }),
    formatted: (message) => Object.assign(message, { view: "formatted" }),
    picture: (message) => say(message, "save-picture", { messages: [message] }),
    details: (message) => this.#showDetails(message),
    leave_out: (message) => this.#mark(message, "left_out", true),
    take_in: (message) => this.#mark(message, "left_out", false),
    forget: (message) => this.#mark(message, "ends_context", true),
    remember: (message) => this.#mark(message, "ends_context", false),
    copy_conversation: async (message) => location.assign((await acts.copyConversation(message)).url),
    delete: (message) => this.#delete(message),
  };

  /** @param {any} message @param {"previous" | "next"} way */
  async #turnTo(message, way) {
    const id = message.dataset[way];
    this.show(await acts.showVersion(message, id));
    this.#focus(id, `[data-act=${way}]:enabled`) || this.#focus(id, ".tools__versions button:enabled");
  }

  /** @param {any} message @param {"left_out" | "ends_context"} name @param {boolean} on */
  async #mark(message, name, on) {
    this.show(await acts.mark(message, name, on));
    this.#focus(message.dataset.messageId, "[data-act=menu]");
  }

  /** What took the place of a message has the focus where that had it, for who steers by keyboard. */
  #focus(id, selector) {
    if (document.activeElement !== document.body && document.activeElement !== this.thread) return false;
    const message = /** @type {any} */ (this.thread.querySelector(`[data-message-id="${CSS.escape(id)}"]`));
    if (message) message.isNear = true; // its tools are wanted now
    const tool = message?.querySelector(`.tools ${selector}`);
    tool?.focus({ preventScroll: true });
    return Boolean(tool);
  }

  async #delete(message) {
    this.show(await acts.remove(message));
    this.#offerUndo(message, acts.deletedSentence());
  }

  /** Nothing else brings it back: what is refused for now, while an answer is being written, is offered again. */
  #offerUndo(message, text) {
    const run = async () => {
      try {
        this.show(await acts.restore(message));
      } catch (error) {
        this.#offerUndo(message, error.message);
      }
    };
    say(this.thread, "notify", { text, action: { label: gettext("Undo"), run } });
  }

  async #showDetails(message) {
    const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("message-details"));
    dialog.querySelector("[data-details]")?.replaceChildren(parseFragment(await acts.fetchDetails(message)));
    dialog.showModal();
  }

  #edit(message) {
    openEditForm(message, {
      // By the model that is chosen when it is sent.
      send: async (said) => this.show(await acts.edit(message, { ...said, model: this.thread.dataset.model }), { end: true }),
      ended: ({ givenUp }) => {
        if (givenUp) this.#focus(message.dataset.messageId, "[data-act=edit]");
        say(this.thread, "edit-ended");
      },
    });
  }
}
