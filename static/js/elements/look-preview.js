// @ts-check
/** Shows a theme, an accent colour or a text size while it is chosen; leaving without saving changes nothing. */
const CHOICES = /** @type {const} */ ({ theme: "theme", accent: "accent", text_size: "textSize" });

class LookPreview extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", ({ target }) => {
      const { name, value } = /** @type {HTMLSelectElement} */ (target);
      const attribute = CHOICES[name];
      // Nothing chosen: as the portal has it, which stands on this element.
      if (attribute) document.documentElement.dataset[attribute] = value || this.dataset[attribute] || "";
    });
  }
}

customElements.define("look-preview", LookPreview);
