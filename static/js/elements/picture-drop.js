// @ts-check

/** A form that sends a picture: chosen, it is sent at once; and it can be dropped here. */
class PictureDrop extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", this.#send);
    this.addEventListener("dragover", this.#over);
    this.addEventListener("dragleave", this.#away);
    this.addEventListener("drop", this.#dropped);
  }

  get #field() {
    return /** @type {HTMLInputElement | null} */ (this.querySelector("input[type=file]"));
  }

  #send = () => {
    const field = this.#field;
    if (field?.files?.length) field.form?.requestSubmit();
  };

  #over = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.dataset.over = "";
  };

  #away = (/** @type {DragEvent} */ event) => {
    if (!this.contains(/** @type {Node | null} */ (event.relatedTarget))) delete this.dataset.over;
  };

  #dropped = (/** @type {DragEvent} */ event) => {
    const field = this.#field;
    const files = event.dataTransfer?.files;
    if (!field || !files?.length) return;
    event.preventDefault();
    delete this.dataset.over;
    const first = new DataTransfer();
    first.items.add(files[0]);
    field.files = first.files;
    this.#send();
  };
}

customElements.define("picture-drop", PictureDrop);
