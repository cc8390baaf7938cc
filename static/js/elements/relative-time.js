// @ts-check
import { moment } from "../lib/moment.js";

/** Shows `<time datetime>` in the time zone that the reader chose, else in the device's own. */
class RelativeTime extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    const when = new Date(time?.dateTime ?? "");
    if (!time || Number.isNaN(when.getTime())) return;
    const { lang, dataset } = document.documentElement;
    const { text, title } = moment(when, { language: lang || undefined, timeZone: dataset.timeZone });
    time.textContent = text;
    time.title = title;
  }
}

customElements.define("relative-time", RelativeTime);
