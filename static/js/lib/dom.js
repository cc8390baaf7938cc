// @ts-check

/** @param {string} name @returns {string} */
export function meta(name) {
  return document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";
}

/**
 * Our own server's HTML as nodes. Parsed in a document of its own (inert: no script runs, nothing loads) and adopted
 * when inserted, which is when its custom elements come alive.
 * @param {string} html
 */
export function parseFragment(html) {
  const fragment = document.createDocumentFragment();
  fragment.append(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  return fragment;
}

/** A copy of what `<template id=…>` holds: texts and icons come from the server's templates. @param {string} id */
export function fromTemplate(id) {
  const template = document.getElementById(id);
  if (!(template instanceof HTMLTemplateElement)) return null;
  return /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
}

/**
 * Says something to whoever listens further up.
 * @param {EventTarget} from
 * @param {string} name
 * @param {any} [detail]
 */
export function say(from, name, detail) {
  return from.dispatchEvent(new CustomEvent(name, { bubbles: true, cancelable: true, detail }));
}

/** @param {"sessionStorage" | "localStorage"} which @returns {Storage | null} */
export function storage(which) {
  try {
    return window[which];
  } catch {
    return null; // withheld by the browser's settings
  }
}

/**
 * Shows a plain text, adding to what stands there where it only grew: a selection in it stays.
 * @param {Element} element
 * @param {string} text
 */
export function growTo(element, text) {
  const node = element.firstChild;
  if (node instanceof Text && text.startsWith(node.data)) node.appendData(text.slice(node.length));
  else element.textContent = text;
}

/**
 * All elements that match among these and in them.
 * @param {Element[]} elements
 * @param {string} selector of the element alone: for one that names what stands above it, a browser looks through the page
 */
export function all(elements, selector) {
  return /** @type {HTMLElement[]} */ (
    elements.flatMap((element) => [...(element.matches(selector) ? [element] : []), ...element.querySelectorAll(selector)])
  );
}
