// @ts-check
/**
 * Formulas in Markdown: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`, as elements that hold their source; `lib/formulas.js` sets
 * them. Prices are left alone, and so is whatever stands in code.
 */

const CLOSER = { "$$": "$$", "\\[": "\\]", "\\(": "\\)", $: "$" };
const LONGEST = 5_000;

/** @param {any} parser */
export function formulas(parser) {
  parser.inline.ruler.before("escape", "formula", inline);
  const interrupts = { alt: ["paragraph", "reference", "blockquote", "list"] };
  parser.block.ruler.before("fence", "formula", block, interrupts);
  const { escapeHtml } = parser.utils;
  parser.renderer.rules.formula = (tokens, index) => {
    const display = tokens[index].meta.display ? " formula--display" : "";
    return `<span class="formula${display}">${escapeHtml(tokens[index].content)}</span>`;
  };
  parser.renderer.rules.formula_block = (tokens, index) => {
    const kind = tokens[index].meta.open ? "formula--open" : "formula--display";
    return `<div class="formula ${kind}">${escapeHtml(tokens[index].content)}</div>\n`;
  };
}

/** @param {any} state @param {boolean} silent */
function inline(state, silent) {
  const { src, pos } = state;
  const opener = src.startsWith("$$", pos) ? "$$" : src[pos] === "$" ? "$" : src.slice(pos, pos + 2);
  if (!Object.hasOwn(CLOSER, opener)) return false;
  const start = pos + opener.length;
  const end = opener === "$" ? endOfDollar(src, pos) : nextCloser(state, CLOSER[opener], start);
  const content = end < 0 ? "" : src.slice(start, end);
  if (!content.trim() || content.length > LONGEST || content.includes("`")) return false;
  if (!silent) {
    const token = state.push("formula", "span", 0);
    token.content = content.trim();
    token.meta = { display: opener === "$$" || opener === "\\[" };
  }
  state.pos = end + opener.length;
  return true;
}

/**
 * Where a formula that a single dollar opens at `pos` ends, or -1 where the dollar is money. Only the very next dollar
 * may close it, so that a text full of prices is read once.
 * @param {string} src
 * @param {number} pos
 */
export function endOfDollar(src, pos) {
  let end = pos;
  do end = src.indexOf("$", end + 1);
  while (end > 0 && src[end - 1] === "\\");
  const content = src.slice(pos + 1, end);
  const apart = !/[A-Za-z0-9]/.test(src[pos - 1] ?? "") && !/\d/.test(src[end + 1] ?? "");
  return end > 0 && apart && /^\S$|^\S[^\n]*\S$/.test(content) && !isMoney(content) ? end : -1;
}

/** "5 to 10" between dollars is an amount and words; "2xy + 1" is not. @param {string} content */
function isMoney(content) {
  const words = content.replace(/\\[A-Za-z]+\s*(\{[^}]*\})?/g, "");
  return /^\d/.test(content) && /[\s(][A-Za-z]{2,}(?=[\s,.;:)]|$)|[\u3040-\u9FFF\uAC00-\uD7AF€£¥]/.test(words);
}

/** Remembers the last one found, so that a text of openers alone is not searched anew for each. */
function nextCloser(state, closer, from) {
  const found = (state.closers ??= {});
  if (found[closer] === undefined || (found[closer] >= 0 && found[closer] < from)) {
    found[closer] = state.src.indexOf(closer, from);
  }
  return found[closer];
}

/**
 * A formula on lines of its own. A blank line ends what was not closed: then it is no formula. At the end of the text
 * it may still be closed; until then it is open, and shows its source.
 */
function block(state, startLine, endLine, silent) {
  if (state.sCount[startLine] - state.blkIndent >= 4) return false;
  const lineAt = (line) => state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]);
  const first = lineAt(startLine);
  const opener = first.slice(0, 2);
  if (opener !== "$$" && opener !== "\\[") return false;
  const lines = [first.slice(2)];
  let line = startLine;
  let end = lines[0].indexOf(CLOSER[opener]);
  while (end < 0) {
    line += 1;
    if (line >= endLine || state.isEmpty(line) || state.sCount[line] < state.blkIndent) break;
    lines.push(lineAt(line));
    end = lines[lines.length - 1].indexOf(CLOSER[opener]);
  }
  const open = end < 0;
  if (open && (state.level > 0 || line < state.lineMax)) return false;
  const last = lines[lines.length - 1];
  if (!open && last.slice(end + 2).trim()) return false; // more stands behind it: a formula within a paragraph
  if (!open) lines[lines.length - 1] = last.slice(0, end);
  const content = open ? opener + lines.join("\n") : lines.join("\n").trim();
  if (!content) return false;
  if (silent) return true;
  state.line = open ? line : line + 1;
  const token = state.push("formula_block", "div", 0);
  Object.assign(token, { block: true, content, map: [startLine, state.line], meta: { open } });
  return true;
}
