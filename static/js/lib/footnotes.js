// @ts-check
import { all } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";

/**
 * The ways between a footnote and its reference. They are found by number within the message, and not by ids, which two
 * messages would share.
 * @param {HTMLElement[]} elements
 */
export function dressFootnotes(elements) {
  for (const link of all(elements, ".footnote-to")) {
    const number = Number(link.textContent);
    becomeLink(link, interpolate(gettext("Footnote %(number)s"), { number }), () => noteOf(link, number));
  }
  for (const [index, back] of all(elements, ".footnote-back").entries()) {
    // Beside the last words of the note, where it ends in a paragraph.
    const last = back.previousElementSibling;
    if (last?.matches("p")) last.append(" ", back);
    becomeLink(back, gettext("Back to the text"), () => referenceTo(back, index + 1));
  }
}

/** @param {HTMLElement} link @param {string} label @param {() => HTMLElement | null | undefined} target */
function becomeLink(link, label, target) {
  link.setAttribute("role", "link");
  link.setAttribute("aria-label", label);
  link.tabIndex = 0;
  const go = () => {
    const to = target();
    to?.scrollIntoView({ block: "nearest" });
    to?.focus({ preventScroll: true });
  };
  link.addEventListener("click", go);
  link.addEventListener("keydown", ({ key }) => key === "Enter" && go());
}

const textAround = (/** @type {Element} */ link) => link.closest(".message__text");

function noteOf(link, number) {
  const note = /** @type {HTMLElement} */ (textAround(link)?.querySelectorAll(".footnotes > ol > li")[number - 1]);
  if (note) note.tabIndex = -1;
  return note;
}

/** @returns {HTMLElement | undefined} */
function referenceTo(back, number) {
  const links = /** @type {HTMLElement[]} */ ([...(textAround(back)?.querySelectorAll(".footnote-to") ?? [])]);
  return links.find((link) => link.textContent === String(number));
}
