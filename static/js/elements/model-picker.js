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
    const chosen = select?.selectedOptions[0];
    if (select && chosen) say(this, "model-chosen", { model: select.value, demo: "demo" in chosen.dataset });
  };
}

customElements.define("model-picker", ModelPicker);
