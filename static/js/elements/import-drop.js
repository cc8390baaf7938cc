// @ts-check

/** A form that sends files: they can be dropped on it, and it shows how much has been sent. */
class ImportDrop extends HTMLElement {
  connectedCallback() {
    this.addEventListener("dragover", this.#over);
    this.addEventListener("dragleave", this.#away);
    this.addEventListener("drop", this.#dropped);
    this.addEventListener("submit", this.#send);
  }

  get #form() {
    return /** @type {HTMLFormElement} */ (this.querySelector("form"));
  }

  #over = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.dataset.over = "";
  };

  #away = (/** @type {DragEvent} */ event) => {
    if (!this.contains(/** @type {Node | null} */ (event.relatedTarget))) delete this.dataset.over;
  };

  #dropped = (/** @type {DragEvent} */ event) => {
    const field = /** @type {HTMLInputElement | null} */ (this.querySelector("input[type=file]"));
    if (!field || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    delete this.dataset.over;
    field.files = event.dataTransfer.files;
    this.#form.requestSubmit();
  };

  /** By XMLHttpRequest: fetch does not tell how much was sent. */
  #send = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const request = new XMLHttpRequest();
    request.open("POST", this.#form.action);
    request.setRequestHeader("X-Requested-With", "fetch");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", ({ loaded, total }) => this.#show(total ? loaded / total : 0));
    request.addEventListener("load", () => this.#answered(request));
    request.addEventListener("error", () => this.#fail(""));
    this.#busy(true);
    request.send(new FormData(this.#form));
  };

  #answered(/** @type {XMLHttpRequest} */ request) {
    let said = /** @type {any} */ ({});
    try {
      said = JSON.parse(request.responseText);
    } catch {
      // not ours: a proxy's page, as a rule one that says that the file is too large
    }
    if (request.status === 201 && said.url) location.assign(said.url);
    else this.#fail(said.error?.message ?? "");
  }

  #fail(/** @type {string} */ sentence) {
    this.#busy(false);
    const place = /** @type {HTMLElement} */ (this.querySelector("[data-error]"));
    place.textContent = sentence || (this.dataset.failed ?? "");
    place.hidden = false;
  }

  #busy(/** @type {boolean} */ busy) {
    const button = /** @type {HTMLButtonElement} */ (this.querySelector("button[type=submit]"));
    const progress = /** @type {HTMLElement} */ (this.querySelector("progress"));
    button.disabled = busy;
    progress.hidden = !busy;
  }

  #show(/** @type {number} */ share) {
    /** @type {HTMLProgressElement} */ (this.querySelector("progress")).value = share;
  }
}

customElements.define("import-drop", ImportDrop);
