// @ts-check
import { parseFragment, say } from "../lib/dom.js";
import { get, post } from "../lib/http.js";
import { messagesIn, reconcile } from "../lib/reconcile.js";
import { watchScrolling } from "../lib/scroll-watch.js";
import { announcement } from "../lib/standing.js";
import { Subscription } from "../socket/subscription.js";

/**
 * The messages of the branch shown. Owns the page's socket, hands each event to the message it is about, and asks the
 * server again (a snapshot, or the branch) wherever what it has cannot be whole.
 */
class ChatThread extends HTMLElement {
  #line = /** @type {Subscription | null} */ (null);
  #scroll = /** @type {ReturnType<typeof watchScrolling> | null} */ (null);
  #fetching = false;
  #again = false;

  connectedCallback() {
    this.#scroll = watchScrolling(this, this.#list, this.querySelector(".thread__jump"));
    this.addEventListener("generation-wanted", this.#generate);
    const { socketUrl = "", eventsUrl = "", conversationId = "" } = this.dataset;
    this.#line = new Subscription({ socketUrl, eventsUrl, conversationId }, () => this.#activeMessages());
    this.#line.addEventListener("event", ({ detail }) => this.#receive(detail));
    this.#line.addEventListener("state", ({ detail }) => say(this, "connection-state", detail));
    this.#line.addEventListener("missed", ({ detail }) => say(this, "news-missed", detail));
    this.#line.start();
    this.#markLeaf();
    this.#tellActivity();
  }

  disconnectedCallback() {
    this.#line?.stop();
    this.#scroll?.stop();
    this.removeEventListener("generation-wanted", this.#generate);
  }

  /** The two messages of a turn that this page started. @param {string} html */
  addTurn(html) {
    for (const message of parseFragment(html).querySelectorAll("chat-message")) {
      const known = this.#message(/** @type {HTMLElement} */ (message).dataset.messageId);
      if (known) known.replaceWith(message);
      else this.#list.append(message);
    }
    this.#changed();
    this.#scroll?.toEnd();
  }

  #receive(event) {
    if (this.#news[event.type]) this.#news[event.type](event);
    else if (event.generation) this.#pass(event);
  }

  /** @type {Record<string, (event: any) => void>} */
  #news = {
    joined: ({ leaf }) => leaf && leaf !== this.#leaf && this.#fetchBranch(),
    branch: ({ leaf, conversation }) => {
      if (conversation === this.dataset.conversationId && leaf !== this.#leaf) this.#fetchBranch();
    },
    gone: ({ conversation }) => conversation === this.dataset.conversationId && say(this, "thread-gone"),
    conversation: (event) => say(this, "conversation-news", event),
    conversation_deleted: (event) => say(this, "conversation-deleted", event),
  };

  #pass(event) {
    const message = this.#message(event.message);
    // Another generation than the one shown: a Continue or Retry elsewhere. The branch brings its addresses, too.
    if (!message || message.dataset.generationId !== event.generation) return this.#fetchBranch();
    const before = message.dataset.status;
    if (message.hear(event) === "gap") return this.#line?.join();
    if (message.dataset.status === before) return;
    this.#tellActivity();
    if (!message.active) say(this, "announce", event.error?.message ?? announcement(event.status));
  }

  async #fetchBranch() {
    this.#again = this.#fetching;
    if (this.#fetching || !this.dataset.branchUrl) return;
    this.#fetching = true;
    try {
      this.#showBranch(await get(this.dataset.branchUrl, { status: 200, type: "html" }));
    } catch {
      // The line is down; the next "joined" names the leaf again.
    } finally {
      this.#fetching = false;
      if (this.#again) this.#fetchBranch();
    }
  }

  /** @param {string} html */
  #showBranch(html) {
    reconcile(this.#list, /** @type {any} */ (parseFragment(html).querySelectorAll("chat-message")));
    this.#changed();
  }

  #generate = async ({ target, detail: { kind, button } }) => {
    button.disabled = true;
    try {
      const fields = { kind, ...(this.dataset.model ? { model: this.dataset.model } : {}) };
      this.#showBranch(await post(target.dataset.generationsUrl, fields, { status: 201, type: "html" }));
      this.#scroll?.toEnd();
    } catch (error) {
      say(this, "notify", { text: error.message });
    } finally {
      button.disabled = false;
    }
  };

  /** New messages stand here. Events about them may have passed already, so ask where their generations are. */
  #changed() {
    this.#markLeaf();
    if (this.#activeMessages().length) this.#line?.join();
    this.#tellActivity();
  }

  #markLeaf() {
    const messages = messagesIn(this.#list);
    for (const message of messages) /** @type {any} */ (message).isLeaf = message === messages.at(-1);
  }

  #tellActivity() {
    const writing = this.#activeMessages().at(-1);
    say(this, "thread-activity", { status: writing?.dataset.status ?? "", stopUrl: writing?.dataset.stopUrl ?? "" });
  }

  /** @returns {any[]} */
  #activeMessages() {
    return messagesIn(this.#list).filter((/** @type {any} */ message) => message.active);
  }

  /** @param {string | undefined} id @returns {any} */
  #message(id) {
    return messagesIn(this.#list).find(({ dataset }) => dataset.messageId === id);
  }

  get #leaf() {
    return messagesIn(this.#list).at(-1)?.dataset.messageId;
  }

  get #list() {
    return /** @type {HTMLElement} */ (this.querySelector(".thread__list"));
  }
}

customElements.define("chat-thread", ChatThread);
