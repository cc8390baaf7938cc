// @ts-check
import { storage } from "../lib/dom.js";
import { forgetDrafts } from "../lib/draft.js";
import { composes } from "../lib/enter.js";
import { gettext } from "../lib/i18n.js";
import { saveSettings } from "../lib/settings-form.js";
import { TabTitle } from "../lib/tab-title.js";

const MOST_ANNOUNCED = 20; // at once in the page; those before have been said

/**
 * The page around the elements. What one of them says on its way up (an event) becomes a call down to another, so that
 * none of them knows a neighbour. The events are listed in docs/protocol.md.
 */
class ChatPage extends HTMLElement {
  #tab = new TabTitle();

  connectedCallback() {
    for (const [name, act] of Object.entries(this.#acts)) this.addEventListener(name, act);
    document.addEventListener("keydown", this.#closeMenus);
    this.#showModel();
  }

  disconnectedCallback() {
    for (const [name, act] of Object.entries(this.#acts)) this.removeEventListener(name, act);
    document.removeEventListener("keydown", this.#closeMenus);
  }

  /** @type {Record<string, (event: any) => void>} */
  #acts = {
    "turn-started": ({ detail }) => {
      this.#find("chat-thread")?.addTurn(detail.html);
      this.#find("allowance-note")?.look();
    },
    "thread-activity": ({ detail }) => {
      this.#find("chat-composer")?.showActivity(detail);
      if (!detail.status) this.#count();
      this.#find("allowance-note")?.look();
    },
    "answer-ended": () => this.#tab.mark(),
    "conversation-seen": () => this.#find("conversation-list")?.seen(this.dataset.conversationId),
    "list-wanted": ({ detail }) => this.#find("conversation-list")?.show(detail.query),
    "thread-gone": () => this.#close(),
    "connection-state": ({ detail }) => this.#find("connection-status")?.show(detail),
    "conversation-news": ({ detail }) => this.#news(detail),
    "news-missed": ({ detail }) => this.#find("conversation-list")?.catchUp(detail),
    "conversation-deleted": ({ detail }) => this.#deleted(detail.conversation),
    "model-chosen": () => this.#showModel(),
    "save-picture": ({ detail }) => this.#savePicture(detail.messages),
    announce: ({ detail }) => this.#announce(detail),
    notify: ({ detail }) => this.#find("toast-region")?.show(detail),
    drawer: ({ detail }) => this.#showDrawer(detail.open),
    click: (event) => this.#clicked(event),
    submit: (event) => this.#submitted(event),
  };

  #news(news) {
    this.#find("conversation-list")?.hear(news);
    if (news.conversation !== this.dataset.conversationId) return;
    this.#find("chat-composer")?.close("");
    const heading = this.querySelector("[data-title]");
    if (heading) heading.textContent = news.title;
    const field = this.querySelector("input[data-title-field]");
    if (field instanceof HTMLInputElement && field !== document.activeElement) field.value = news.title;
    this.#tab.name(news.title);
  }

  #deleted(conversation) {
    this.#find("conversation-list")?.drop(conversation);
    if (conversation === this.dataset.conversationId) this.#close();
  }

  #close() {
    this.#find("chat-composer")?.close(gettext("This conversation was deleted, or its address is wrong."));
  }

  /** A regenerated answer comes from the model chosen now; a note about some models is shown with them alone. */
  #showModel() {
    const select = /** @type {HTMLSelectElement | null} */ (this.querySelector("model-picker select"));
    const thread = this.#find("chat-thread");
    if (thread && select) thread.dataset.model = select.value;
    const notes = /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-note-for]"));
    this.#count();
    for (const note of notes) note.hidden = select?.selectedOptions[0]?.dataset.note !== note.dataset.noteFor;
  }

  /** What is sent with the next message has changed, or the model whose window it has to fit. */
  #count() {
    const select = /** @type {HTMLSelectElement | null} */ (this.querySelector("model-picker select"));
    const window = Number(select?.selectedOptions[0]?.dataset.window ?? 0) || null;
    this.#find("context-gauge")?.count?.({ model: select?.value ?? "", window });
  }

  #submitted(event) {
    const { target } = event;
    if (target.matches("[data-log-out]")) forgetDrafts(storage("sessionStorage"));
    if (!target.matches("[data-settings]")) return;
    event.preventDefault();
    saveSettings(target, (settings) => {
      if (!this.dataset.conversationId) this.#find("chat-composer").settings = settings;
      this.#count();
    });
  }

  /** One live region speaks for the page, one sentence after the other; the messages themselves are silent. */
  #announce(sentence) {
    const region = this.querySelector("[data-announcer]");
    if (!region || !sentence) return;
    region.append(Object.assign(document.createElement("p"), { textContent: sentence, dir: "auto" }));
    if (region.childElementCount > MOST_ANNOUNCED) region.firstElementChild?.remove();
  }

  #showDrawer(open) {
    const main = /** @type {HTMLElement | null} */ (this.querySelector("main"));
    const button = /** @type {HTMLElement | null} */ (this.querySelector("[data-open-drawer]"));
    if (main) main.inert = open;
    button?.setAttribute("aria-expanded", String(open));
    if (!open) button?.focus();
  }

  #clicked(event) {
    const { target } = event;
    const place = target.closest("a[data-state]");
    if (place && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      this.#find("list-search")?.clear();
      this.#find("conversation-list")?.show(place.dataset.state ? `?state=${place.dataset.state}` : "");
    }
    if (target.closest("[data-open-drawer]")) this.#showList(true);
    if (target.closest("[data-close-drawer]")) this.#showList(false);
    const opens = target.closest("[data-open-dialog]");
    if (opens) /** @type {any} */ (document.getElementById(opens.dataset.openDialog))?.showModal();
    if (target.closest("[data-save-picture]")) this.#savePicture();
    const start = target.closest("[data-starting-point]");
    if (start) this.#find("chat-composer")?.fill(start.dataset.startingPoint);
    const menu = target.closest("details.menu");
    for (const open of this.querySelectorAll("details.menu[open]")) if (open !== menu) open.removeAttribute("open");
  }

  /** A drawer on a phone; beside the page it folds away, and stays so on this device. @param {boolean} shown */
  #showList(shown) {
    const drawer = this.#find("side-drawer");
    if (drawer?.isNarrow) return shown ? drawer.open() : drawer.close();
    if (shown) delete this.dataset.sidebar;
    else this.dataset.sidebar = "closed";
    const year = 365 * 24 * 3600;
    document.cookie = `portal_sidebar=${shown ? "open" : "closed"};path=${this.dataset.home};max-age=${year};samesite=lax`;
    /** @type {HTMLElement | null} */ (this.querySelector(shown ? ".sidebar__fold" : "[data-open-drawer]"))?.focus();
  }

  /** @param {HTMLElement[]} [messages] all of them, or what is chosen in the dialog, where it is not said */
  async #savePicture(messages) {
    for (const menu of this.querySelectorAll("details.menu[open]")) menu.removeAttribute("open");
    try {
      await import("./picture-dialog.js"); // few wake it
    } catch {
      return this.#find("toast-region")?.show({ text: gettext("The network is away. Try again.") });
    }
    const title = this.querySelector("[data-title]")?.textContent ?? "";
    const whole = this.#find("chat-thread").wholeBranch();
    const dialog = this.#find("picture-dialog");
    dialog?.addEventListener("close", () => whole.release(), { once: true, capture: true });
    dialog?.open({ title, collect: () => whole.collect(), messages });
  }

  #closeMenus = (event) => {
    const menu = event.key === "Escape" && !composes(event) && this.querySelector("details.menu[open]");
    if (!menu) return;
    menu.removeAttribute("open");
    menu.querySelector("summary")?.focus();
  };

  /** @param {string} name @returns {any} */
  #find(name) {
    return this.querySelector(name);
  }
}

customElements.define("chat-page", ChatPage);
