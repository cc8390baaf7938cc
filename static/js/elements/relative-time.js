// @ts-check

/** Shows `<time datetime>` in the reader's own zone: the hour today, the day before that. */
class RelativeTime extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    const when = new Date(time?.dateTime ?? "");
    if (!time || Number.isNaN(when.getTime())) return;
    const language = document.documentElement.lang || undefined;
    const today = when.toDateString() === new Date().toDateString();
    const hour = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit" });
    const style = today ? hour : /** @type {const} */ ({ month: "short", day: "numeric", ...hour });
    time.textContent = when.toLocaleString(language, style);
    time.title = when.toLocaleString(language, { dateStyle: "full", timeStyle: "short" });
  }
}

customElements.define("relative-time", RelativeTime);
