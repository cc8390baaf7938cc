// @ts-check
import { all, fromTemplate } from "./dom.js";

/** Longer than any formula that one reads. */
const TOO_LONG = 20_000;
const HARMLESS_ELEMENT = new Set(["http://www.w3.org/1998/Math/MathML", "http://www.w3.org/1999/xhtml"]);

/** @type {any} the typesetter, once it is there */
let temml = null;
/** @type {Promise<void> | null} */
let loading = null;
/** Formulas of a block that is still being written are set over and over. @type {Map<string, Node>} */
const known = new Map();

/**
 * Sets the formulas among new nodes as MathML. The typesetter is loaded when the first formula is shown; until then, and
 * where a formula is wrong, its source stands there.
 * @param {HTMLElement[]} elements
 */
export function dressFormulas(elements) {
  const formulas = all(elements, ".formula:not(.formula--open)");
  if (!formulas.length) return;
  if (temml) for (const formula of formulas) typeset(formula);
  else load().then(() => formulas.forEach(typeset), () => undefined);
}

/** Resolves when nothing waits for the typesetter any more. */
export const formulasAreSet = async () => void (await loading?.catch(() => undefined));

function load() {
  loading ??= import("../../vendor/temml.js").then((module) => {
    document.head.append(fromTemplate("formula-style") ?? "");
    temml = module.temml;
  });
  loading.catch(() => (loading = null)); // the line was down; the next formula tries again
  return loading;
}

/** @param {HTMLElement} formula */
function typeset(formula) {
  const source = formula.textContent ?? "";
  const display = formula.matches(".formula--display");
  const key = `${display}${source}`;
  if (formula.matches(".formula--set") || source.length > TOO_LONG) return;
  let math = known.get(key);
  if (!math) {
    math = draw(source, display);
    if (known.size > 500) known.clear();
    known.set(key, math);
  }
  if (!(math instanceof Element)) return;
  formula.replaceChildren(math.cloneNode(true));
  formula.classList.add("formula--set");
}

/** @returns {Node} an element, or the bare source where it is no formula */
function draw(source, displayMode) {
  const box = document.createElement("span");
  try {
    temml.render(source, box, { displayMode, throwOnError: true, trust: false, maxSize: [20, 500] });
  } catch {
    return document.createTextNode(source);
  }
  const math = box.firstElementChild;
  return math && [math, ...math.querySelectorAll("*")].every(isHarmless) ? math : document.createTextNode(source);
}

/** The typesetter makes nothing that could act; that this stays so is not left to it. @param {Element} element */
function isHarmless({ namespaceURI, localName, attributes }) {
  if (!HARMLESS_ELEMENT.has(namespaceURI ?? "") || /script|style|iframe|img|object|embed|annotation-xml/.test(localName)) return false;
  return [...attributes].every(({ name }) => !/^on|href|src/i.test(name));
}
