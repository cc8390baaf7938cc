// @ts-check
/**
 * Translations, from Django's JavaScriptCatalog: a classic script that puts `gettext` and the others on the window
 * before the modules run. Where it is missing (Node's tests, a broken line) the English text stands.
 */

/** @param {string} text @returns {string} */
export function gettext(text) {
  const translate = /** @type {any} */ (globalThis).gettext;
  return typeof translate === "function" ? translate(text) : text;
}

/** @param {string} one @param {string} many @param {number} count @returns {string} */
export function ngettext(one, many, count) {
  const translate = /** @type {any} */ (globalThis).ngettext;
  if (typeof translate === "function") return translate(one, many, count);
  return count === 1 ? one : many;
}

/**
 * Fills `%(name)s` in a translated sentence.
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 */
export function interpolate(sentence, values) {
  return sentence.replace(/%\((\w+)\)s/g, (_, name) => String(values[name] ?? ""));
}
