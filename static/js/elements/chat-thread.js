// @ts-check
import { keepPlace } from "../lib/keep-place.js";
import { parseFragment, say } from "../lib/dom.js";
import { get } from "../lib/http.js";
import { cameForAnswer } from "../lib/just-asked.js";
import { generate } from "../lib/message-acts.js";
import { MessageMenu } from "../lib/message-menu.js";
import { light } from "../lib/lit-words.js";
import { watchNear } from "../lib/near.js";
import { knowsAsMuch } from "../lib/reconcile.js";
import { watchScrolling } from "../lib/scroll-watch.js";
import { Seen } from "../lib/seen.js";
import { ThreadWindow } from "../lib/thread-window.js";
import { WholeBranch } from "../lib/whole-branch.js";
import { Subscription } from "../socket/subscription.js";

/**
 * The messages of the branch shown. Owns the page's socket, hands each event to the message it is about, and asks the
 * server again (a snapshot, or the branch) wherever what it has cannot be whole.
 */
class ChatThread extends HTMLElement {
  #line = /** @type {Subscription | null} */ (null);
  #scroll = /** @type {ReturnType<typeof watchScrolling> | null} */ (null);
  #near = /** @type {ReturnType<typeof watchNear> | null} */ (null);
  #fetching = false;
  #loading = new Set(); // the edges at which more is on its way
  #state = "";
  #wanted = /** @type {{ around: string } | null} */ (null); // of the branch, as soon as it can be fetched

  connectedCallback() {
    this.window = new ThreadWindow(this.#list);
    this.seen = new Seen(this.dataset.seenUrl ?? "", () => say(this, "conversation-seen"));
    const jump = this.querySelector(".thread__jump");
    this.#scroll = watchScrolling(this, this.#list, /** @type {any} */ (jump), () => this.window.reachesEnd);
    jump?.addEventListener("click", () => this.toEnd());
    this.#near = watchNear(this, (edge) => this.#loadMore(edge));
    this.addEventListener("generation-wanted", this.#generate);
    this.addEventListener("click", this.#clicked);
    this.addEventListener("edit-ended", this.#fetchWanted);
    this.menu = new MessageMenu(this, (html) => this.showPart(html));
    const { socketUrl = "", streamUrl = "", eventsUrl = "", conversationId = "" } = this.dataset;
    const where = { socketUrl, streamUrl, eventsUrl, conversationId };
    this.#line = new Subscription(where, () => this.#activeMessages());
    this.#line.addEventListener("event", ({ detail }) => this.#receive(detail));
    this.#line.addEventListener("state", ({ detail }) => say(this, "connection-state", (this.#state = detail)));
    this.#line.addEventListener("missed", ({ detail }) => this.#missed(detail));
    this.#line.start();
    this.#settleMessages();
    this.#goWhereWasAsked();
    if (cameForAnswer()) /** @type {any} */ (this.window.messages.at(-1))?.tell();
  }

  disconnectedCallback() {
    this.#line?.stop();
    this.#scroll?.stop();
    this.#near?.stop();
    this.seen.stop();
    this.menu.stop();
    this.removeEventListener("generation-wanted", this.#generate);
    this.removeEventListener("click", this.#clicked);
    this.removeEventListener("edit-ended", this.#fetchWanted);
  }

  /** What passed by while the line was away: marks, deletions, another version. @param {{ again: boolean }} when */
  #missed(when) {
    say(this, "news-missed", when);
    if (when.again && this.#state !== "polling") this.#fetchBranch({ around: this.#inSight });
  }

  /** The two messages of a turn that this page started. @param {string} html */
  addTurn(html) {
    if (!this.window.reachesEnd) return this.toEnd();
    for (const message of parseFragment(html).querySelectorAll("chat-message")) {
      const fresh = /** @type {HTMLElement} */ (message);
      const known = this.#message(fresh.dataset.messageId);
      if (!known) this.#list.append(fresh);
      else if (!knowsAsMuch(known, fresh)) known.replaceWith(fresh); // news of it may have outrun this
    }
    this.#changed();
    this.#scroll?.toEnd();
  }

  /** A part of the branch, around what was done. @param {string} html @param {{ end?: boolean }} [then] */
  showPart(html, { end = false } = {}) {
    this.#show(html, this.window.messages);
    if (end) this.#scroll?.toEnd();
  }

  /** @param {string} html @param {any[]} anchors of which one stays where the reader has it */
  #show(html, anchors) {
    const part = parseFragment(html);
    const hadFocus = this.contains(document.activeElement);
    keepPlace(this, anchors, () => this.window.show(part));
    this.#changed();
    // Who steers by keyboard would start again at the top of the page.
    if (hadFocus && !this.contains(document.activeElement)) this.focus({ preventScroll: true });
  }

  /** The messages of the whole branch, for what wants them all. */
  wholeBranch() {
    return new WholeBranch(this.window, this.dataset.branchUrl ?? "");
  }

  /** To the last message, which may have to be fetched. */
  async toEnd() {
    if (!this.window.reachesEnd) await this.#fetchBranch();
    this.#scroll?.toEnd();
  }

  #receive(event) {
    if (this.#news[event.type]) this.#news[event.type](event);
    else if (event.generation) this.#pass(event);
  }

  /** @type {Record<string, (event: any) => void>} */
  #news = {
    joined: ({ leaf }) => (leaf ? this.#isElsewhere(leaf) : this.window.messages.length) && this.#fetchBranch(),
    branch: ({ leaf, conversation }) => {
      if (conversation !== this.dataset.conversationId) return;
      if (leaf === null) this.#fetchBranch({ around: this.#inSight });
      else if (this.#isElsewhere(leaf)) this.#fetchBranch();
    },
    gone: ({ conversation }) => conversation === this.dataset.conversationId && say(this, "thread-gone"),
    conversation: (event) => say(this, "conversation-news", event),
    conversation_deleted: (event) => say(this, "conversation-deleted", event),
  };

  /** @param {string} leaf */
  #isElsewhere(leaf) {
    return this.window.reachesEnd && leaf !== this.window.messages.at(-1)?.dataset.messageId;
  }

  #pass(event) {
    const message = this.#message(event.message);
    if (!message && !this.window.reachesEnd) return; // it stands further down than what is shown
    // Another generation than the one shown: a Continue or Retry elsewhere. The branch brings its addresses, too.
    if (!message || message.dataset.generationId !== event.generation) return this.#fetchBranch();
    const before = message.dataset.status;
    if (message.hear(event) === "gap") return this.#line?.join();
    if (message.dataset.status === before) return;
    this.#tellActivity();
    if (message.active) return;
    message.tellEnd(event.error);
    say(this, "answer-ended");
    this.seen.look();
  }

  /** Its end; or, for a reader who is elsewhere, what stands `around` a message. @param {{ around?: string }} [where] */
  async #fetchBranch({ around = "" } = {}) {
    if (!this.dataset.branchUrl) return;
    if (this.#fetching || this.#isEditing) return this.#wantLater(around);
    this.#fetching = true;
    try {
      const query = around && !this.window.reachesEnd ? `?around=${around}` : "";
      const html = await get(`${this.dataset.branchUrl}${query}`, { status: 200, type: "html" });
      if (this.#isEditing) return this.#wantLater(around);
      this.#show(html, query ? this.window.messages : []);
    } catch {
      // The line is down; the next "joined" names the leaf again.
    } finally {
      this.#fetching = false;
      if (!this.#isEditing) await this.#fetchWanted();
    }
  }

  /** One at a time, and not under the hands of somebody who writes in a message. @param {string} around */
  #wantLater(around) {
    this.#wanted = { around: this.#wanted?.around === "" ? "" : around };
  }

  #fetchWanted = async () => {
    const wanted = this.#wanted;
    this.#wanted = null;
    if (wanted) await this.#fetchBranch(wanted);
  };

  /** @param {"earlier" | "later"} edge */
  async #loadMore(edge) {
    const { messages } = this.window;
    const [name, from] = edge === "earlier" ? ["before", messages[0]] : ["after", messages.at(-1)];
    if (!from || !this.dataset.branchUrl || this.#loading.has(edge)) return;
    this.#loading.add(edge);
    try {
      const html = await get(`${this.dataset.branchUrl}?${name}=${from.dataset.messageId}`, { type: "html" });
      // Another branch, or part of it, stands here by now.
      if (from !== (edge === "earlier" ? this.window.messages[0] : this.window.messages.at(-1))) return;
      const part = parseFragment(html);
      keepPlace(this, [from], () => (edge === "earlier" ? this.window.prepend(part) : this.window.append(part)));
      this.#loading.delete(edge); // settling may ask for the next
      this.#settleMessages();
    } catch (error) {
      say(this, "notify", { text: error.message });
      if (error.code === "elsewhere") this.toEnd();
    } finally {
      this.#loading.delete(edge);
    }
  }

  #generate = async ({ target, detail: { kind, button } }) => {
    if (button) button.disabled = true; // which drops the focus
    if (button && !this.contains(document.activeElement)) this.focus({ preventScroll: true });
    try {
      this.showPart(await generate(target, kind, this.dataset.model), { end: true });
    } catch (error) {
      say(this, "notify", { text: error.message });
    } finally {
      if (button) button.disabled = false;
    }
  };

  #clicked = (event) => {
    const edge = event.target.closest(".thread__edge a")?.parentElement;
    if (!edge) return;
    event.preventDefault();
    this.#loadMore("earlier" in edge.dataset ? "earlier" : "later");
  };

  /** New messages stand here. Events about them may have passed already, so ask where their generations are. */
  #changed() {
    this.#settleMessages();
    if (this.#activeMessages().length) this.#line?.join();
  }

  #settleMessages() {
    const { messages, reachesEnd } = this.window;
    for (const message of messages) {
      /** @type {any} */ (message).isLeaf = reachesEnd && message === messages.at(-1);
    }
    this.#near?.observe(messages, [this.window.edge("earlier"), this.window.edge("later")]);
    this.#tellActivity();
  }

  #goWhereWasAsked() {
    const { at, lit = "" } = this.dataset;
    const here = new URL(location.href);
    // A reload shows what was chosen since, and does not turn back to it.
    if (here.searchParams.has("at")) {
      here.searchParams.delete("at");
      history.replaceState(history.state, "", here);
    }
    const message = at && this.#message(at);
    if (!message) return;
    this.#scroll?.leave();
    message.scrollIntoView({ block: "center" });
    light(message, lit);
  }

  #tellActivity() {
    const writing = this.#activeMessages().at(-1);
    say(this, "thread-activity", { status: writing?.dataset.status ?? "", stopUrl: writing?.dataset.stopUrl ?? "" });
  }

  /** The id of the first message that the reader sees. */
  get #inSight() {
    const { top } = this.getBoundingClientRect();
    return this.window.messages.find((message) => message.getBoundingClientRect().bottom > top)?.dataset.messageId;
  }

  get #isEditing() {
    return Boolean(this.querySelector("[data-editing]"));
  }

  /** @returns {any[]} */
  #activeMessages() {
    return this.window.messages.filter((/** @type {any} */ message) => message.active);
  }

  /** @param {string | undefined} id @returns {any} */
  #message(id) {
    return this.window.messages.find(({ dataset }) => dataset.messageId === id);
  }

  get #list() {
    return /** @type {HTMLElement} */ (this.querySelector(".thread__list"));
  }
}

customElements.define("chat-thread", ChatThread);
