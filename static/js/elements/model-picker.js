// @ts-check
import { say } from "../lib/dom.js";

/** A native `<select>`, for it is accessible everywhere; says which model is chosen. */
class ModelPicker extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", this.#changed);
  }

  disconnectedCallback() {
    this.removeEventListener("change", this.#changed);
  }

  #changed = () => {
    const select = this.querySelector("select");
    if (select) say(this, "model-chosen", { model: select.value });
  };
}

customElements.define("model-picker", ModelPicker);
