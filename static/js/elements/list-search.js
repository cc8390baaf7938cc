// @ts-check
import { say } from "../lib/dom.js";
import { composes } from "../lib/enter.js";
import { debounce } from "../lib/timing.js";

/** The search box of the sidebar: asks for the list of what is found while one types. */
class ListSearch extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", this.#typed);
    // After the last input of a composition there is none that says that it has ended.
    this.addEventListener("compositionend", this.#askSoon);
    this.addEventListener("submit", this.#submitted);
    this.addEventListener("keydown", this.#key);
  }

  clear() {
    this.#field.value = "";
  }

  #typed = (event) => {
    if (!event.isComposing) this.#askSoon();
  };

  #submitted = (event) => {
    event.preventDefault();
    this.#ask();
  };

  #key = (event) => {
    if (event.key !== "Escape" || composes(event) || !this.#field.value) return;
    event.stopPropagation(); // it empties the box, and leaves the drawer around it open
    event.preventDefault();
    this.clear();
    this.#ask();
  };

  #ask = () => {
    const query = this.#field.value.trim();
    say(this, "list-wanted", { query: query ? `?q=${encodeURIComponent(query)}` : "" });
  };

  #askSoon = debounce(this.#ask, 200);

  get #field() {
    return /** @type {HTMLInputElement} */ (this.querySelector("input"));
  }
}

customElements.define("list-search", ListSearch);
