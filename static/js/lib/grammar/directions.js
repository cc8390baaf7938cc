// @ts-check
/**
 * Each block in the direction of its own words. `dir=auto` does not look into elements that carry a `dir` themselves, so
 * that the paragraphs of a list item or a quotation leave it to the item, whose bullet stands on the same side.
 */

const OWN = new Set(["heading_open", "list_item_open", "blockquote_open", "th_open", "td_open"]);
const FIRST_STRONG = /\p{L}/u;
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF]/;

/** @param {string} text */
export const isRightToLeft = (text) => RIGHT_TO_LEFT.test(FIRST_STRONG.exec(text)?.[0] ?? "");

/** @param {any} parser */
export function directions(parser) {
  parser.core.ruler.push("directions", ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      const { type, level } = token;
      if (OWN.has(type) || (type === "paragraph_open" && level === 0)) token.attrSet("dir", "auto");
      // A table's columns run as its first heading does: its cells alone would not turn them.
      if (type === "table_open" && isRightToLeft(firstText(tokens, index))) token.attrSet("dir", "rtl");
    }
  });
}

const firstText = (tokens, from) => tokens.slice(from, from + 12).find(({ type, content }) => type === "inline" && content)?.content ?? "";
