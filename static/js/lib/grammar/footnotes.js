// @ts-check
/**
 * Footnotes in Markdown: `[^name]` where it is said, `[^name]: text` anywhere at the top level. The text goes through the
 * whole grammar; what was referred to stands at the end, numbered in the order of the references.
 *
 * References carry no ids and no addresses, for two messages would collide: `lib/footnotes.js` finds its way by number.
 *
 * @typedef {{ footnotes: Record<string, string>, order: string[] }} Notes what is defined, and what was referred to
 */

const DEFINITION = /^\[\^([^\s[\]]{1,100})\]:[ \t]*(.*)$/;
const REFERENCE = /\[\^([^\s[\]]{1,100})\]/y;
/** A line that begins a block of its own does not go on with the note above it. */
const BEGINS_A_BLOCK = /^(?:#{1,6}\s|>|[-*+]\s|\d+[.)]\s|```|~~~|\||\$\$|\\\[|\[\^|(?:[-*_]\s*){3,}$)/;

/** @param {any} parser */
export function footnotes(parser) {
  parser.block.ruler.before("reference", "footnote", definition, { alt: ["paragraph", "reference"] });
  parser.inline.ruler.before("link", "footnote", reference);
  parser.renderer.rules.footnote = () => "";
  parser.renderer.rules.footnote_reference = (tokens, index) =>
    `<sup class="footnote-ref"><a class="footnote-to">${tokens[index].meta.number}</a></sup>`;
}

/**
 * The notes that were referred to, in their order; a note may refer to others.
 * @param {Notes} env
 * @param {(text: string) => string} render
 */
export function notesBelow(env, render) {
  const items = [];
  for (let i = 0; i < env.order.length; i += 1) {
    items.push(`<li dir="auto">${render(env.footnotes[env.order[i]])}<a class="footnote-back">↩</a></li>`);
  }
  return items.length ? `<section class="footnotes"><ol>${items.join("")}</ol></section>` : "";
}

function definition(state, startLine, endLine, silent) {
  const lineAt = (line) => state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]);
  const found = state.level === 0 && state.sCount[startLine] < 4 && DEFINITION.exec(lineAt(startLine));
  if (!found) return false;
  if (silent) return true;
  const lines = [found[2]];
  let line = startLine + 1;
  for (; line < endLine; line += 1) {
    const text = lineAt(line);
    const indented = state.sCount[line] >= 2;
    const afterBlank = line > 0 && state.isEmpty(line - 1);
    if (!state.isEmpty(line) && !indented && (afterBlank || BEGINS_A_BLOCK.test(text))) break;
    lines.push(state.getLines(line, line + 1, Math.min(state.sCount[line], 4), false));
  }
  while (line > startLine + 1 && state.isEmpty(line - 1)) line -= 1;
  const name = found[1].toLowerCase();
  if (!Object.hasOwn(state.env.footnotes, name)) state.env.footnotes[name] = lines.join("\n").trim();
  state.line = line;
  const token = state.push("footnote", "", 0);
  Object.assign(token, { block: true, map: [startLine, line] });
  return true;
}

function reference(state, silent) {
  REFERENCE.lastIndex = state.pos;
  const found = REFERENCE.exec(state.src);
  const name = found?.[1].toLowerCase() ?? "";
  const { footnotes: defined = {}, order = [] } = state.env;
  if (!found || !Object.hasOwn(defined, name)) return false;
  if (!silent) {
    if (!order.includes(name)) order.push(name);
    state.push("footnote_reference", "", 0).meta = { number: order.indexOf(name) + 1 };
  }
  state.pos += found[0].length;
  return true;
}
