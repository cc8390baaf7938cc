// @ts-check
import { say, storage } from "../lib/dom.js";
import { Draft } from "../lib/draft.js";
import { DraftSaver } from "../lib/draft-saver.js";
import { enterIsSend, enterSends } from "../lib/enter.js";
import { post } from "../lib/http.js";
import { gettext } from "../lib/i18n.js";
import { leaveForAnswer } from "../lib/just-asked.js";
import { queryIn } from "../lib/template-finder.js";

/** Where a message is written: sends it by fetch and never loses what was typed. */
class ChatComposer extends HTMLElement {
  #sending = false;
  #status = "";
  #stopUrl = "";
  #closed = "";
  settings = /** @type {Record<string, string>} */ ({}); // of a conversation that its first message begins

  connectedCallback() {
    this.#takeUpDraft();
    this.addEventListener("submit", this.#submit);
    this.addEventListener("input", this.#input);
    this.addEventListener("keydown", this.#key);
    this.addEventListener("focusout", this.#left);
    this.addEventListener("template-chosen", this.#insert);
    this.#stopButton.addEventListener("click", this.#stop);
    this.querySelector(".composer__templates")?.addEventListener("click", this.#openMenu);
    this.#menu?.serve(this.#field);
    this.#field.enterKeyHint = enterIsSend(device()) ? "send" : "enter";
    this.#grow();
  }

  /** What the thread is doing: while an answer is written, Stop stands where Send was. */
  showActivity({ status, stopUrl }) {
    const focused = this.contains(document.activeElement) && document.activeElement?.matches("button");
    this.#status = status;
    this.#stopUrl = stopUrl;
    this.#stopButton.hidden = !status;
    this.#stopButton.disabled = status === "stopping";
    this.#sendButton.hidden = Boolean(status);
    if (!status) this.#fail(this.#closed);
    if (focused) this.#field.focus({ preventScroll: true });
  }

  /** @param {string} text */
  fill(text) {
    this.#field.value = text;
    this.#input();
    this.#field.focus();
    this.#field.setSelectionRange(text.length, text.length);
  }

  /** Nothing can be sent here for now, or (without a reason) again. @param {string} reason */
  close(reason) {
    this.#closed = reason;
    this.#fail(reason);
  }

  /** What was typed before this script had come is the newest of all. */
  #takeUpDraft() {
    const { person = "", conversationId = "", draftUrl = "", draftId = "", drawn = "" } = this.dataset;
    const field = this.#field;
    const typed = field.value !== field.defaultValue && field.value;
    this.draft = new Draft(person, conversationId, storage("sessionStorage"));
    this.draft.meet({ text: field.defaultValue, id: draftId, drawn: Number(drawn) });
    if (typed) this.draft.write(typed);
    else field.value = this.draft.text;
    const saver = new DraftSaver(this.draft, (fields, request) => post(draftUrl, fields, { status: 204 }, request));
    if (!this.draft.isSaved) saver.changed();
    window.addEventListener("pagehide", () => saver.leave());
    window.addEventListener("online", () => this.draft?.isSaved || saver.changed());
    document.addEventListener("visibilitychange", () => document.hidden && saver.leave());
    // Before the page forgets what is not sent.
    document.addEventListener("submit", ({ target }) => target.matches("[data-log-out]") && saver.leave(), true);
    this.saver = saver;
  }

  #submit = async (event) => {
    event.preventDefault();
    const text = this.#field.value;
    if (this.#sending || this.#sendButton.disabled) return;
    if (this.#closed) return this.#fail(this.#closed);
    if (this.#status) return this.#fail(gettext("The answer is still being written. Stop it, or wait for its end."));
    if (!text.trim()) return this.#fail(gettext("Write something first."));
    this.draft?.write(text);
    this.#busy(true);
    this.#fail("");
    try {
      await this.#send(text);
    } catch (error) {
      this.#fail(error.message);
    } finally {
      this.#busy(false);
    }
  };

  /** @param {string} text */
  async #send(text) {
    const model = String(new FormData(this.#form).get("model") ?? "");
    const client_id = this.draft?.id ?? "";
    await this.saver?.settle();
    // Only 201 says that it was saved; anything else is thrown, and the text stays.
    const fields = { ...this.settings, text, model, client_id };
    const answer = await post(this.#form.action, fields, { status: 201 });
    this.draft?.sent(text);
    if (this.#field.value === text) this.#field.value = "";
    this.#grow();
    if (typeof answer === "string") say(this, "turn-started", { html: answer });
    else leaveForAnswer(answer.url);
  }

  #stop = async (event) => {
    event.preventDefault();
    if (!this.#stopUrl) return;
    // A disabled button drops the focus, and whoever steers by keyboard would start again at the top of the page.
    if (!coarsePointer()) this.#field.focus({ preventScroll: true });
    this.#stopButton.disabled = true;
    try {
      await post(this.#stopUrl, {}, { status: 204 });
    } catch (error) {
      this.#stopButton.disabled = false;
      this.#fail(error.message);
    }
  };

  #input = () => {
    this.draft?.write(this.#field.value);
    this.saver?.changed();
    this.#menu?.consider();
    this.#fail(this.#closed);
    this.#grow();
  };

  #key = (event) => {
    if (event.target !== this.#field) return;
    const isForMenu = this.#menu?.key(event);
    if (!isForMenu && !enterSends(event, device())) return;
    event.preventDefault();
    if (isForMenu) event.stopPropagation(); // Escape closes the list, not what is around it
    else this.#form.requestSubmit();
  };

  /** Whoever goes on to another control is done with the list, but for the link in it. */
  #left = ({ relatedTarget }) => {
    if (!this.#menu?.contains(relatedTarget)) this.#menu?.close();
  };

  /** An empty field gets the "/" itself, so that typing on narrows the list; in a text, a template is put in. */
  #openMenu = () => {
    if (!this.#field.value) return this.fill("/");
    this.#field.focus();
    this.#menu?.open();
  };

  #insert = ({ detail: { text, inText } }) => {
    const field = this.#field;
    if (inText) field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    else field.setRangeText(text, 0, field.value.length, "end");
    field.focus();
    this.#input();
  };

  /** Browsers that size a field by its content need no help. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#field.style.blockSize = "auto";
    this.#field.style.blockSize = `${this.#field.scrollHeight}px`;
  }

  /** @param {string} sentence */
  #fail(sentence) {
    const place = /** @type {HTMLElement} */ (this.querySelector(".composer__error"));
    place.textContent = sentence;
    place.hidden = !sentence;
  }

  #busy(busy) {
    this.#sending = busy;
    this.#sendButton.setAttribute("aria-busy", String(busy));
  }

  get #form() {
    return /** @type {HTMLFormElement} */ (this.querySelector("form"));
  }

  get #field() {
    return /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"));
  }

  /** @returns {any} */
  get #menu() {
    return this.querySelector("template-menu:defined");
  }

  get #sendButton() {
    return /** @type {HTMLButtonElement} */ (this.querySelector(".composer__send"));
  }

  get #stopButton() {
    return /** @type {HTMLButtonElement} */ (this.querySelector(".composer__stop"));
  }
}

const coarsePointer = () => window.matchMedia("(pointer: coarse)").matches;
const device = () => ({ coarsePointer: coarsePointer(), enterKey: document.documentElement.dataset.enter });

customElements.define("chat-composer", ChatComposer);
