// @ts-check
import { parseFragment, say } from "../lib/dom.js";
import { get, post } from "../lib/http.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { appendPage, wayToOlder } from "../lib/list-pages.js";
import { PopoverMenu } from "../lib/popover-menu.js";
import { Renaming } from "../lib/renaming.js";
import { REACHED, RovingRows } from "../lib/roving-rows.js";
import { debounce } from "../lib/timing.js";

/** The sidebar's list: hears what happens to conversations, renames and deletes them where they stand. */
class ConversationList extends HTMLElement {
  #pages = 1;
  #fetching = false;
  #stale = false; // something was heard that the list being fetched, or the one shown, may not hold
  #roving = new RovingRows(this, ".conversation-row");
  #renaming = new Renaming(this, () => this.#stale && this.#refreshSoon());
  #query = ""; // of the list wanted: what is searched for, or which place
  #shown = ""; // of the list that stands here

  connectedCallback() {
    this.menu = new PopoverMenu(
      /** @type {HTMLElement} */ (document.getElementById("row-menu")),
      () => this.#stale && this.#refreshSoon(),
    );
    this.#query = this.#shown = location.search.match(/[?&](q|state)=/) ? location.search : "";
    this.addEventListener("click", this.#clicked);
    this.addEventListener("submit", this.#submitted);
    this.addEventListener("keydown", this.#key);
    this.addEventListener("focusin", () => this.#roving.settle());
    this.#markCurrent();
  }

  /** @param {{ conversation: string, title: string, writing: boolean }} news */
  hear({ conversation, title, writing }) {
    if (this.#fetching) this.#stale = true;
    const row = this.#row(conversation);
    if (!this.#query && (!row || row !== this.querySelector("[data-conversation-id]"))) this.#refreshSoon();
    if (!row) return;
    const ended = row.hasAttribute("data-writing") && !writing;
    if (ended && (conversation !== this.dataset.current || document.hidden)) row.setAttribute("data-unseen", "");
    row.toggleAttribute("data-writing", writing);
    const name = row.querySelector(".conversation-row__title");
    if (name) name.textContent = title;
  }

  /** Its answers were looked at. @param {string} id */
  seen(id) {
    this.#row(id)?.removeAttribute("data-unseen");
  }

  /** Another list: what is found, archived or deleted, or (without a query) all that is at hand. @param {string} query */
  show(query) {
    this.#query = query;
    this.#pages = 1;
    return this.refresh();
  }

  /** @param {string} id */
  drop(id) {
    this.#remove(this.#row(id));
    this.#refreshSoon();
  }

  /** Whoever steers by keyboard goes on at the row beside it. @param {Element | null} row */
  #remove(row) {
    const rows = [...this.querySelectorAll(".conversation-row")];
    const at = rows.indexOf(/** @type {Element} */ (row));
    const hadFocus = row?.contains(document.activeElement);
    row?.remove();
    this.#roving.settle();
    if (hadFocus) focusOn(rows[at + 1] ?? rows[at - 1]);
  }

  /**
   * News may have passed by: while the page itself was on its way the end of an answer, after that anything.
   * @param {{ again: boolean }} when
   */
  catchUp({ again }) {
    if (again || this.querySelector("[data-writing]")) this.refresh();
  }

  async refresh() {
    this.#stale = this.#fetching || this.#isInHands; // one at a time
    if (this.#stale) return;
    this.#fetching = true;
    const query = this.#query;
    try {
      const list = await this.#fetchPage(query);
      if (query !== this.#query) this.#stale = true;
      for (let pages = 1; pages < this.#pages; pages += 1) {
        const older = wayToOlder(list);
        if (older) appendPage(list, await this.#fetchPage(queryOf(older)));
      }
      if (this.#isInHands) this.#stale = true;
      else this.#show(list, query);
    } catch (error) {
      // The list as it was is better than none, and the next news tries again; who wanted another one is told.
      if (query !== this.#shown && query === this.#query) {
        this.#query = this.#shown;
        say(this, "notify", { text: error.message });
      }
    } finally {
      this.#fetching = false;
      if (this.#stale) this.#refreshSoon();
    }
  }

  /** Somebody renames a row, or has its menu open: it stays where it is. */
  get #isInHands() {
    return this.#renaming.isGoingOn || Boolean(this.menu?.isOpen);
  }

  #refreshSoon = debounce(() => this.refresh(), 250);

  /** @param {string} query */
  async #fetchPage(query) {
    return parseFragment(await get(`${this.dataset.url}${query}`, { type: "html" }));
  }

  /** @param {DocumentFragment} list @param {string} query */
  #show(list, query) {
    this.#shown = query;
    const before = [...this.querySelectorAll(".conversation-row")];
    const focused = /** @type {HTMLElement | null} */ (this.querySelector(":focus"));
    const old = /** @type {HTMLElement | null | undefined} */ (focused?.closest(".conversation-row"));
    this.replaceChildren(list);
    this.#tidy();
    if (!old) return;
    const row = this.#row(old.dataset.conversationId ?? "");
    const rows = [...this.querySelectorAll(".conversation-row")];
    if (row) focusOn(row, focused?.dataset.act && `[data-act="${focused.dataset.act}"]`);
    else focusOn(rows[Math.min(before.indexOf(old), rows.length - 1)]);
  }

  /** What a page of the list cannot know: which conversation is shown, and at which address an older page has a frame. */
  #tidy() {
    this.#markCurrent();
    const older = wayToOlder(this);
    older?.setAttribute("href", queryOf(older));
  }

  async #showOlder(link) {
    if (link.hasAttribute("aria-busy")) return;
    link.setAttribute("aria-busy", "true");
    try {
      const page = await this.#fetchPage(queryOf(link));
      this.#pages += 1;
      if (!link.isConnected) return this.#refreshSoon(); // another list came meanwhile, with one page too few
      const first = appendPage(this, page);
      this.#tidy();
      if (first) focusOn(first);
      if (this.#fetching) this.#stale = true;
    } catch (error) {
      link.removeAttribute("aria-busy");
      say(this, "notify", { text: error.message });
    }
  }

  #markCurrent() {
    for (const link of this.querySelectorAll("a[aria-current]")) link.removeAttribute("aria-current");
    this.#row(this.dataset.current ?? "")?.querySelector("a")?.setAttribute("aria-current", "page");
    this.#roving.settle();
  }

  #clicked = (event) => {
    const older = event.target.closest("a[data-older]");
    if (older && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      this.#showOlder(older);
    }
    const button = event.target.closest("button[data-act]");
    const row = button?.closest("[data-conversation-id]");
    if (!row) return;
    const { act, confirm: question } = button.dataset;
    if (act === "menu") this.menu?.open(button, menuOf(row), (chosen) => this.#acts[chosen]?.(row));
    if (act !== "restore" && act !== "erase") return;
    event.preventDefault();
    if (!question || window.confirm(question)) this.#send(button.formAction);
  };

  /** @type {Record<string, (row: HTMLElement) => unknown>} */
  #acts = {
    pin: (row) => this.#send(`${row.dataset.url}pin/`, { on: "1" }),
    unpin: (row) => this.#send(`${row.dataset.url}pin/`, { on: "0" }),
    archive: (row) => this.#archive(row),
    unarchive: (row) => this.#send(`${row.dataset.url}archive/`, { on: "0" }),
    rename: (row) => this.#renaming.start(row),
    delete: (row) => this.#delete(row, `${row.dataset.url}delete/`),
  };

  /** @param {string} url @param {Record<string, string>} [fields] @returns whether it was done */
  async #send(url, fields = {}) {
    try {
      await post(url, fields);
    } catch (error) {
      say(this, "notify", { text: error.message });
      return false;
    }
    await this.refresh();
    return true;
  }

  async #archive(row) {
    const back = "pinned" in row.dataset ? "pin" : "unarchive"; // what is pinned is not archived
    if (!(await this.#send(`${row.dataset.url}archive/`, { on: "1" }))) return;
    const run = () => this.#acts[back](row);
    say(this, "notify", { text: gettext("It is in the archive now."), action: { label: gettext("Undo"), run } });
  }

  async #delete(row, url) {
    // The page of a deleted conversation goes with it: there a form is posted, and the next page offers Undo.
    if (row.dataset.conversationId === this.dataset.current) return postForm(url);
    try {
      const { restore_url: restoreUrl, title } = await post(url, {}, { type: "json" });
      this.#remove(this.#row(row.dataset.conversationId) ?? row);
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

  #submitted = (event) => {
    if (event.target.matches("[data-empty-trash]")) return this.#emptyTrash(event);
    this.#renaming.submitted(event);
  };

  #emptyTrash(event) {
    event.preventDefault();
    if (window.confirm(event.target.dataset.confirm)) this.#send(event.target.action);
  }

  #key = (event) => {
    if (this.#roving.key(event)) event.preventDefault();
    else this.#renaming.key(event);
  };

  /** @param {string} id @returns {HTMLElement | null} */
  #row(id) {
    return id ? this.querySelector(`[data-conversation-id="${CSS.escape(id)}"]`) : null;
  }
}

/** @param {Element | undefined} row @param {string} [control] of its, where it has that */
function focusOn(row, control) {
  const wanted = (control && row?.querySelector(control)) || row?.querySelector(REACHED);
  /** @type {HTMLElement | null | undefined} */ (wanted)?.focus({ preventScroll: true });
}

/** @param {string} url */
function postForm(url) {
  const form = /** @type {HTMLFormElement} */ (document.getElementById("row-action"));
  form.action = url;
  form.submit();
}

/** What the menu of a row offers. @param {HTMLElement} row */
const menuOf = ({ dataset }) => [
  "pinned" in dataset ? "unpin" : "pin",
  "rename",
  "archived" in dataset ? "unarchive" : "archive",
  "delete",
];

/** @param {HTMLAnchorElement} link */
const queryOf = (link) => new URL(link.getAttribute("href") ?? "", location.href).search;

customElements.define("conversation-list", ConversationList);
