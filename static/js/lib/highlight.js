// @ts-check
import { sanitise } from "./markdown.js";

/** Colouring this much would hold the page up for longer than it helps. */
const TOO_LONG = 40_000;
/** Languages that stand inside others. */
const EMBEDDED = { xml: ["css", "javascript"], php: ["xml"], markdown: ["xml"] };

/**
 * Colours a finished block of code.
 * @param {Element} code
 * @param {string} language as the block gives it
 */
export async function highlight(code, language) {
  const text = code.textContent ?? "";
  if (!language || text.length > TOO_LONG || code.matches(".hljs")) return;
  code.classList.add("hljs");
  try {
    const highlighter = await knowing(language);
    if (highlighter) code.replaceChildren(sanitise(highlighter.highlight(text, { language }).value));
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
