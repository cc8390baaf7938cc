// @ts-check
/** A menu that many buttons share: it opens beside the one pressed, with the items that make sense there. */
export class PopoverMenu {
  #opener = /** @type {HTMLElement | null} */ (null);
  #choose = /** @type {(act: string) => void} */ (() => {});

  /**
   * @param {HTMLElement} menu an element with `popover`, whose items have `data-act`
   * @param {() => void} [closed]
   */
  constructor(menu, closed = () => {}) {
    this.menu = menu;
    menu.addEventListener("click", this.#clicked);
    menu.addEventListener("keydown", this.#key);
    window.addEventListener("resize", () => this.isOpen && menu.hidePopover());
    menu.addEventListener("toggle", (/** @type {any} */ { newState }) => {
      if (newState === "closed" && menu.contains(document.activeElement)) this.#opener?.focus();
      this.#opener?.setAttribute("aria-expanded", String(newState === "open"));
      if (newState === "closed") closed();
    });
  }

  get isOpen() {
    return this.menu.matches(":popover-open");
  }

  /**
   * @param {HTMLElement} opener
   * @param {string[]} acts which items are shown
   * @param {(act: string) => void} choose
   */
  open(opener, acts, choose) {
    this.#opener = opener;
    this.#choose = choose;
    for (const item of this.#items) item.hidden = !acts.includes(item.dataset.act ?? "");
    this.menu.showPopover();
    this.#place(opener.getBoundingClientRect());
    this.#shown[0]?.focus();
  }

  /** Below its opener, with the same end edge; above, where there is no room below. @param {DOMRect} at */
  #place({ left, right, top, bottom }) {
    const { offsetWidth: width, offsetHeight: height } = this.menu;
    const start = document.dir === "rtl" ? left : right - width;
    const below = bottom + height + GAP <= window.innerHeight;
    this.menu.style.left = `${Math.max(GAP, Math.min(start, window.innerWidth - width - GAP))}px`;
    this.menu.style.top = `${Math.max(GAP, below ? bottom + GAP : top - height - GAP)}px`;
  }

  #clicked = ({ target }) => {
    const item = target.closest("[data-act]");
    if (!item) return;
    this.menu.hidePopover();
    this.#choose(item.dataset.act);
  };

  #key = (event) => {
    const shown = this.#shown;
    const at = shown.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (event.key === "Tab") this.menu.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    shown.at(to % shown.length)?.focus();
  };

  get #shown() {
    return this.#items.filter((item) => !item.hidden);
  }

  /** @returns {HTMLElement[]} */
  get #items() {
    return [...this.menu.querySelectorAll("[data-act]")].map((item) => /** @type {HTMLElement} */ (item));
  }
}

const GAP = 4; // px
