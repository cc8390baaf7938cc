// @ts-check
import { fromTemplate } from "./dom.js";
import { gettext } from "./i18n.js";
import { sanitise } from "./markdown.js";

/** Colouring this much would hold the page up for longer than it helps. */
const TOO_LONG = 40_000;

/**
 * Gives code blocks a frame: the language's name, a Copy button, and colours once the block is finished.
 * @param {Node[]} nodes
 * @param {boolean} settled
 */
export function dressCode(nodes, settled) {
  for (const node of nodes) {
    if (!(node instanceof Element)) continue;
    const blocks = node.matches("pre") ? [node] : node.querySelectorAll("pre");
    for (const pre of blocks) {
      const frame = pre.parentElement?.matches(".code") ? pre.parentElement : wrap(pre);
      if (settled && frame) highlight(frame);
    }
  }
}

/** @param {Element} pre */
function wrap(pre) {
  const frame = fromTemplate("code-frame");
  const code = pre.querySelector("code");
  if (!frame || !code) return null;
  const language = /language-(\S+)/.exec(code.className)?.[1] ?? "";
  const label = frame.querySelector(".code__language");
  if (label) label.textContent = language || gettext("Code");
  pre.replaceWith(frame);
  frame.append(pre);
  pre.setAttribute("tabindex", "0"); // a long line is scrolled by keyboard, too
  pre.setAttribute("dir", "ltr");
  const copy = /** @type {any} */ (frame.querySelector("copy-button"));
  if (copy) copy.source = () => (code.textContent ?? "").replace(/\n$/, "");
  return frame;
}

/** @param {Element} frame */
async function highlight(frame) {
  const code = frame.querySelector("pre > code");
  const name = /language-(\S+)/.exec(code?.className ?? "")?.[1]?.toLowerCase() ?? "";
  const text = code?.textContent ?? "";
  if (!code || !name || text.length > TOO_LONG || code.matches(".hljs")) return;
  code.classList.add("hljs");
  try {
    const highlighter = await knowing(name);
    if (highlighter) code.replaceChildren(sanitise(highlighter.highlight(text, { language: name }).value));
  } catch {
    // Plain code is readable code.
  }
}

/**
 * The highlighter once it knows a language: both are loaded when the first block of that language is shown.
 * @param {string} name as the block gives it
 */
async function knowing(name) {
  const { highlighter, languages } = await import("../../vendor/highlight/core.js");
  if (!Object.hasOwn(languages, name)) return null;
  const file = languages[name];
  for (const part of [file, ...(EMBEDDED[file] ?? [])]) {
    if (highlighter.getLanguage(part)) continue;
    const { default: grammar } = await import(`../../vendor/highlight/${part}.js`);
    highlighter.registerLanguage(part, grammar);
  }
  if (!highlighter.getLanguage(name)) highlighter.registerAliases([name], { languageName: file });
  return highlighter;
}

/** Languages that stand inside others. */
const EMBEDDED = { xml: ["css", "javascript"], php: ["xml"], markdown: ["xml"] };
