// @ts-check
import { fromTemplate } from "./dom.js";
import { messagesIn, reconcile } from "./reconcile.js";

/**
 * The part of a branch that stands on the page: messages in their order, and at either end a way to more of them where
 * there are more. It never grows beyond `most`: what is far from where the reader goes is let go, and comes back when
 * it is wanted.
 */
export class ThreadWindow {
  static most = 300;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
  }

  get messages() {
    return messagesIn(this.list);
  }

  /** Whether the branch's last message stands here. */
  get reachesEnd() {
    return !this.edge("later");
  }

  /** @param {"earlier" | "later"} which @returns {HTMLElement | null} */
  edge(which) {
    return this.list.querySelector(`:scope > [data-${which}]`);
  }

  /**
   * A part of the branch as it now is. What stands here above and below that part stays, where the two meet.
   * @param {ParentNode} part
   */
  show(part) {
    const fresh = messagesIn(part);
    const known = this.messages;
    const first = known.findIndex((message) => isSame(message, fresh[0]));
    const last = known.findIndex((message) => isSame(message, fresh.at(-1)));
    const above = first > 0 && part.querySelector("[data-earlier]") ? known.slice(0, first) : [];
    const below = last >= 0 && part.querySelector("[data-later]") ? known.slice(last + 1) : [];
    const earlier = above.length ? this.edge("earlier") : part.querySelector("[data-earlier]");
    const later = below.length ? this.edge("later") : part.querySelector("[data-later]");
    reconcile(this.list, [...above, ...fresh, ...below]);
    this.#setEdge("earlier", earlier);
    this.#setEdge("later", later);
  }

  /** @param {ParentNode} part what stands before the first message here */
  prepend(part) {
    const earlier = part.querySelector("[data-earlier]");
    this.messages[0]?.before(...messagesIn(part));
    this.#setEdge("earlier", earlier);
    this.#letGo("later");
  }

  /** @param {ParentNode} part what stands after the last message here */
  append(part) {
    const later = part.querySelector("[data-later]");
    this.messages.at(-1)?.after(...messagesIn(part));
    this.#setEdge("later", later);
    this.#letGo("earlier");
  }

  /** @param {"earlier" | "later"} which the end that is far from the reader */
  #letGo(which) {
    const messages = this.messages;
    const surplus = messages.length - ThreadWindow.most;
    if (surplus <= 0 || messages.some(isInHands)) return;
    for (const message of which === "earlier" ? messages.slice(0, surplus) : messages.slice(-surplus)) message.remove();
    if (!this.edge(which)) this.#setEdge(which, fromTemplate(which));
  }

  /** @param {"earlier" | "later"} which @param {Element | null} edge */
  #setEdge(which, edge) {
    const old = this.edge(which);
    if (old !== edge) old?.remove();
    if (edge && which === "earlier") this.list.prepend(edge);
    if (edge && which === "later") this.list.append(edge);
  }
}

/** It is being written, by a model or by a person. @param {any} message */
const isInHands = (message) => message.active || "editing" in message.dataset;

/** @param {HTMLElement} one @param {HTMLElement | undefined} other */
const isSame = (one, other) => one.dataset.messageId === other?.dataset.messageId;
