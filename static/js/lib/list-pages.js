// @ts-check
/**
 * The sidebar's list comes in pages, newest first; the last thing in a page is the way to the next one.
 */
const ROW = "[data-conversation-id]";
const OLDER = "a[data-older]";

/** @param {ParentNode} list @returns {HTMLAnchorElement | null} */
export const wayToOlder = (list) => list.querySelector(OLDER);

/**
 * Puts an older page below what stands there: one heading for each period, and each conversation once, for it may have
 * moved between two pages.
 * @param {Element | DocumentFragment} list
 * @param {DocumentFragment} page
 * @returns {Element | undefined} the first row that is new
 */
export function appendPage(list, page) {
  const known = new Set(rowsIn(list).map(({ dataset }) => dataset.conversationId));
  for (const row of rowsIn(page)) if (known.has(row.dataset.conversationId)) row.remove();
  const added = rowsIn(page)[0];
  wayToOlder(list)?.remove();
  for (const heading of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-period]"))) {
    const rows = heading.nextElementSibling;
    if (!rows?.childElementCount) continue;
    const last = /** @type {HTMLElement | undefined} */ ([...list.querySelectorAll("[data-period]")].at(-1));
    if (last?.dataset.period === heading.dataset.period) last?.nextElementSibling?.append(...rows.children);
    else list.append(heading, rows);
  }
  const older = wayToOlder(page);
  if (older) list.append(older);
  return added;
}

/** @param {ParentNode} list @returns {HTMLElement[]} */
const rowsIn = (list) => [...list.querySelectorAll(ROW)].map((row) => /** @type {HTMLElement} */ (row));
