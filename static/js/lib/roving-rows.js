// @ts-check
/** Where a row is reached: its link or, in the trash, the first of its buttons. */
export const REACHED = "a, button";

/**
 * One Tab stop for a list of any length: the controls of one row can be reached by Tab, and arrows move between rows.
 * Whoever tabs past two hundred conversations to what stands below them would give up.
 */
export class RovingRows {
  /** @param {HTMLElement} list @param {string} rows a selector */
  constructor(list, rows) {
    this.list = list;
    this.rows = rows;
  }

  /** Make one row reachable: the one that has the focus or had it last, else the current one, else the first. */
  settle() {
    const rows = this.#all();
    const reachable =
      rows.find((row) => row.contains(document.activeElement)) ??
      rows.find((row) => row === this.reachable) ??
      rows.find((row) => row.querySelector("[aria-current]")) ??
      rows[0];
    for (const row of rows) for (const control of row.querySelectorAll("a, button")) {
      if (row === reachable) control.removeAttribute("tabindex");
      else control.setAttribute("tabindex", "-1");
    }
    this.reachable = reachable;
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key moved the focus */
  key({ key, target, ctrlKey, altKey, metaKey }) {
    if (ctrlKey || altKey || metaKey || !(target instanceof Element) || target.closest("form")) return false;
    const rows = this.#all();
    const at = rows.findIndex((row) => row.contains(target));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[key];
    if (at < 0 || to === undefined) return false;
    rows[Math.max(0, Math.min(to, rows.length - 1))].querySelector(REACHED)?.focus();
    return true;
  }

  /** @returns {HTMLElement[]} */
  #all() {
    return [...this.list.querySelectorAll(this.rows)];
  }
}
