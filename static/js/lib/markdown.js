// @ts-check
/**
 * The one place where text becomes HTML, for history and stream alike: Markdown to HTML, sanitised last. What comes
 * out may hold no script, no style, no id, no image (a remote one would tell its server who reads), and no link but
 * http, https and mailto.
 */
import { cjkFriendly, DOMPurify, MarkdownIt } from "../../vendor/markdown.js";
import { directions } from "./grammar/directions.js";
import { footnotes, notesBelow } from "./grammar/footnotes.js";
import { formulas } from "./grammar/formulas.js";
import { taskLists } from "./grammar/task-lists.js";

const TAGS = (
  "a blockquote br code del div em h1 h2 h3 h4 h5 h6 hr li ol p pre s section span strong sub sup table tbody td th thead tr ul"
).split(" ");
const ATTRIBUTES = ["href", "title", "class", "start", "dir"];
const SAFE_ADDRESS = /^(?:https?:|mailto:)/i;
/** A block as long as this is nobody's prose: its grammar would hold the page up, so it is shown as it was written. */
const TOO_LONG = 200_000;

const parser = new MarkdownIt({ html: false, linkify: true, breaks: true })
  .use(cjkFriendly)
  .use(formulas)
  .use(footnotes)
  .use(taskLists)
  .use(directions);
// Only whole addresses become links: "README.md" is a file, not a host in Moldova.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
// Blocks are found by `outline`; what is rendered has been through that already.
parser.core.ruler.at("block", (state) => {
  if (state.env.tokens) state.tokens = state.env.tokens;
  else parser.block.parse(state.src, parser, state.env, state.tokens);
});

const rules = parser.renderer.rules;
rules.image = (tokens, index) => {
  const { content, attrs } = tokens[index];
  const label = escape(content || tokens[index].attrGet("src") || "");
  const address = new Map(attrs).get("src") ?? "";
  const nested = tokens.slice(0, index).reduce((depth, { type }) => depth + opens(type), 0) > 0;
  return nested || !SAFE_ADDRESS.test(address) ? label : `<a href="${escape(address)}">${label}</a>`;
};
// The frame around code: its header comes from the server's template (lib/code-blocks.js).
for (const name of ["fence", "code_block"]) {
  const plain = rules[name];
  rules[name] = (...given) => `<div class="code code--bare">${plain?.(...given).trimEnd()}</div>\n`;
}
rules.table_open = (tokens, index, options, _, self) =>
  `<div class="table-scroll">${self.renderToken(tokens, index, options)}`;
rules.table_close = () => "</table></div>\n";
rules.th_open = rules.td_open = (tokens, index, options, _, self) => {
  // Alignment as a class: a style attribute would be refused by the page's policy.
  const align = /text-align:(\w+)/.exec(tokens[index].attrGet("style") ?? "")?.[1];
  tokens[index].attrs = [["dir", "auto"], ...(align ? [["class", `align-${align}`]] : [])];
  return self.renderToken(tokens, index, options);
};

/** @param {string} type */
const opens = (type) => (type === "link_open" ? 1 : type === "link_close" ? -1 : 0);
/** @param {string} text */
const escape = (text) => parser.utils.escapeHtml(text);

const purifier = DOMPurify(globalThis.window);
// Set once: handed over at each call, it would be read anew each time.
purifier.setConfig({
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: ATTRIBUTES,
  ALLOWED_URI_REGEXP: SAFE_ADDRESS,
  ADD_URI_SAFE_ATTR: ["dir", "start"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
});
purifier.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "A" || !node.hasAttribute("href")) return;
  node.setAttribute("rel", "noopener noreferrer nofollow");
  node.setAttribute("target", "_blank");
});

/**
 * @param {string} html
 * @returns {DocumentFragment} the only way from HTML in a string to the page
 */
export const sanitise = (html) => /** @type {any} */ (purifier.sanitize(html));

/** @typedef {{ references: Record<string, { title: string, href: string }>, footnotes: Record<string, string> }} Definitions */
/** @typedef {{ tokens: any[], lines: [number, number], open: boolean, length: number }} Block its lines are [first, after) */

/** @param {string} text */
export const normalise = (text) => text.replace(/\r\n?/g, "\n").replaceAll("\0", "\uFFFD");

/**
 * How a text falls into top-level blocks, and what it defines: link targets and footnotes. Cheap: the time goes into
 * inline parsing, which this leaves out.
 * @param {string} text normalised
 * @returns {{ blocks: Block[], definitions: Definitions }}
 */
export function outline(text) {
  const env = { references: {}, footnotes: {} };
  const tokens = [];
  parser.block.parse(text, parser, env, tokens);
  /** @type {Block[]} */
  const blocks = [];
  for (const token of tokens) {
    // A link definition is no block of its own here: its title may still grow over the next lines.
    if (token.type === "reference_definition") continue;
    if (token.level === 0 && token.nesting >= 0) {
      blocks.push({ tokens: [], lines: token.map, open: Boolean(token.meta?.open), length: 0 });
    }
    const block = blocks[blocks.length - 1];
    block.tokens.push(token);
    block.length += token.content.length;
  }
  return { blocks, definitions: env };
}

/**
 * A block as HTML that is not sanitised yet.
 * @param {Block} block
 * @param {Definitions & { order: string[] }} env `order` is added to: footnotes are numbered as they are referred to
 */
export function htmlOf({ tokens, length }, env) {
  const isCode = tokens.length === 1;
  if (length > TOO_LONG && !isCode) return `<div class="as-written">${escape(tokens.map((t) => t.content).join("\n"))}</div>\n`;
  const state = Object.assign(env, { tokens });
  return parser.renderer.render(parser.parse("", state), parser.options, state);
}

/** The footnotes that stand below a text, as HTML. @param {Definitions & { order: string[] }} env */
export function htmlOfNotes(env) {
  return notesBelow(env, (text) => outline(text).blocks.map((block) => htmlOf(block, env)).join(""));
}

/** @param {string} text */
export function renderMarkdown(text) {
  const { blocks, definitions } = outline(normalise(text));
  const env = { ...definitions, order: [] };
  const html = blocks.map((block) => htmlOf(block, env)).join("");
  return sanitise(html + htmlOfNotes(env));
}
