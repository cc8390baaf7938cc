// @ts-check
// What Django's administration leaves without a name, named by what stands beside it on the page.

/** @param {Element | null | undefined} element */
const wordsOf = (element) => element?.textContent?.replace(/\s+/g, " ").replace(/:\s*$/, "").trim() ?? "";

/** The label of the row that a field stands in. @param {Element} field */
const rowOf = (field) => {
  const row = field.closest(".form-row");
  return wordsOf(row?.querySelector("legend, label"));
};

/** The head of the column that a field of a table stands in. @param {Element} field */
const columnOf = (field) => {
  const cell = field.closest("td");
  const heads = cell?.closest("table")?.tHead?.rows[0]?.cells ?? [];
  const [, name] = cell?.className.match(/\bfield-(\w+)/) ?? [];
  const head = Array.from(heads).find((each) => name && each.classList.contains(`column-${name}`));
  return wordsOf(head ?? heads[/** @type {HTMLTableCellElement} */ (cell)?.cellIndex]);
};

/** A date and a time share a label; which is which stands before each. @param {Element} field */
const momentOf = (field) => {
  const before = field.previousSibling?.textContent ?? field.parentElement?.firstChild?.textContent ?? "";
  return [rowOf(field), before.replace(/[:\s]+/g, " ").trim()].filter(Boolean).join(", ");
};

/** @type {[string, (field: Element) => string][]} */
const NAMELESS = [
  [".select2-search__field, .select2-selection[role=combobox], .select2-selection__rendered[role=textbox]", rowOf],
  ["td :is(input:not([type=hidden]), select, textarea)", columnOf],
  [".vDateField, .vTimeField", momentOf],
];

const label = () => {
  for (const [fields, nameOf] of NAMELESS) {
    for (const field of document.querySelectorAll(fields)) {
      if (field.hasAttribute("aria-label") || /** @type {HTMLInputElement} */ (field).labels?.length) continue;
      field.setAttribute("aria-label", nameOf(field) || columnOf(field) || "…");
    }
  }
  for (const hint of document.querySelectorAll("span.help-tooltip[aria-label]:not([role])")) hint.setAttribute("role", "img");
  // What is chosen, and beside it the box to search in: no list of its kind.
  for (const list of document.querySelectorAll("ul.select2-selection__rendered:not([role])")) list.setAttribute("role", "group");
  for (const item of document.querySelectorAll("ul.select2-selection__rendered > li:not([role])")) item.setAttribute("role", "none");
};
new MutationObserver(label).observe(document.documentElement, { subtree: true, childList: true });
