// @ts-check
import { gettext, interpolate } from "../lib/i18n.js";
import { register } from "../lib/installed.js";

/** Says that this page is one that was kept, and from when: nobody should take it for what the portal has now. */
class OfflineBanner extends HTMLElement {
  connectedCallback() {
    register((at) => this.#say(at));
  }

  #say(at) {
    const time = new Date(at).toLocaleString(document.documentElement.lang || undefined, { dateStyle: "medium", timeStyle: "short" });
    const said = gettext("You are offline. This is what the portal had at %(time)s; you can read it, and write when the line is back.");
    const text = this.querySelector("[data-text]");
    if (text) text.textContent = interpolate(said, { time });
    this.hidden = false;
  }
}

customElements.define("offline-banner", OfflineBanner);
