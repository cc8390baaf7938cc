// @ts-check
const MARK = "● ";

/** The tab's title: the conversation's, with a mark when an answer has ended while the tab was in the background. */
export class TabTitle {
  constructor(page = document) {
    this.page = page;
    page.addEventListener("visibilitychange", () => page.visibilityState === "visible" && this.#unmark());
  }

  /** An answer has ended. */
  mark() {
    const { page } = this;
    if (page.visibilityState !== "visible" && !page.title.startsWith(MARK)) page.title = MARK + page.title;
  }

  /** @param {string} title of the conversation; the portal's own name stays behind it */
  name(title) {
    const marked = this.page.title.startsWith(MARK) ? MARK : "";
    this.page.title = this.page.title.replace(/^.*?(?= · [^·]*$)/, () => marked + title);
  }

  #unmark() {
    if (this.page.title.startsWith(MARK)) this.page.title = this.page.title.slice(MARK.length);
  }
}
