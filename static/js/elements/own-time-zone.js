// @ts-check
import { interpolate } from "../lib/i18n.js";

/** Offers the time zone that the device says it is in. */
class OwnTimeZone extends HTMLElement {
  connectedCallback() {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const field = this.querySelector("input");
    const button = this.querySelector("button");
    if (!zone || !field || !button) return;
    const show = () => (button.hidden = field.value === zone);
    button.textContent = interpolate(button.dataset.label ?? "", { zone });
    button.addEventListener("click", () => {
      field.value = zone;
      show();
      field.focus();
    });
    field.addEventListener("input", show);
    show();
  }
}

customElements.define("own-time-zone", OwnTimeZone);
