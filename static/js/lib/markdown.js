// @ts-check
/**
 * The one place where text becomes HTML, for history and stream alike: Markdown to HTML, sanitised last. What comes
 * out may hold no script, no style, no id, no image (a remote one would tell its server who reads), and no link but
 * http, https and mailto.
 */
import { cjkFriendly, DOMPurify, MarkdownIt } from "../../vendor/markdown.js";

const TAGS = (
  "a blockquote br code del div em h1 h2 h3 h4 h5 h6 hr li ol p pre s span strong sub sup table tbody td th thead tr ul"
).split(" ");
const ATTRIBUTES = ["href", "title", "class", "start"];
const SAFE_ADDRESS = /^(?:https?:|mailto:)/i;
const DEFINITION = "reference_definition";

const parser = new MarkdownIt({ html: false, linkify: true, breaks: true }).use(cjkFriendly);
// Only whole addresses become links: "README.md" is a file, not a host in Moldova.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });

const rules = parser.renderer.rules;
rules.image = (tokens, index) => {
  const { content, attrs } = tokens[index];
  const label = escape(content || tokens[index].attrGet("src") || "");
  const address = new Map(attrs).get("src") ?? "";
  const nested = tokens.slice(0, index).reduce((depth, { type }) => depth + opens(type), 0) > 0;
  return nested || !SAFE_ADDRESS.test(address) ? label : `<a href="${escape(address)}">${label}</a>`;
};
rules.table_open = () => '<div class="table-scroll"><table>\n';
rules.table_close = () => "</table></div>\n";
rules.th_open = rules.td_open = (tokens, index, options, _, self) => {
  // Alignment as a class: a style attribute would be refused by the page's policy.
  const align = /text-align:(\w+)/.exec(tokens[index].attrGet("style") ?? "")?.[1];
  tokens[index].attrs = align ? [["class", `align-${align}`]] : null;
  return self.renderToken(tokens, index, options);
};

/** @param {string} type */
const opens = (type) => (type === "link_open" ? 1 : type === "link_close" ? -1 : 0);
/** @param {string} text */
const escape = (text) => parser.utils.escapeHtml(text);

const purifier = DOMPurify(globalThis.window);
purifier.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "A" || !node.hasAttribute("href")) return;
  node.setAttribute("rel", "noopener noreferrer nofollow");
  node.setAttribute("target", "_blank");
});

/**
 * @param {string} html
 * @returns {DocumentFragment} the only way from HTML in a string to the page
 */
export function sanitise(html) {
  return purifier.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOWED_URI_REGEXP: SAFE_ADDRESS,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}

/** @typedef {Record<string, { title: string, href: string }>} Definitions link targets: `[name]: address` */

/** @param {string} text */
export const normalise = (text) => text.replace(/\r\n?/g, "\n").replaceAll("\0", "\uFFFD");

/**
 * @param {string} text
 * @param {Definitions} [definitions] link targets that stand in other parts of the same text
 */
export function renderMarkdown(text, definitions = {}) {
  return sanitise(parser.render(text, { references: { ...definitions } }));
}

/**
 * How a text falls into top-level blocks, as lines [first, after), and the link targets it defines. Cheap: the time
 * goes into inline parsing, which this leaves out.
 * @param {string} text normalised
 * @returns {{ blocks: [number, number][], definitions: Definitions }}
 */
export function outline(text) {
  const env = { references: {} };
  const tokens = [];
  parser.block.parse(text, parser, env, tokens);
  // A link definition is no block of its own here: its title may still grow over the next lines.
  const top = tokens.filter(({ level, nesting, type }) => level === 0 && nesting >= 0 && type !== DEFINITION);
  return { blocks: top.map(({ map }) => map), definitions: env.references };
}
