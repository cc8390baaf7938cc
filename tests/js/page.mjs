/** A document for the modules that need one; everything else is tested without. */
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><html lang=en><body></body></html>", { url: "http://portal.test/" });
for (const name of ["window", "document", "Element", "HTMLElement", "HTMLTemplateElement", "Node", "DOMParser"]) {
  globalThis[name] = name === "window" ? window : window[name];
}

export const { document } = window;

/** @param {DocumentFragment} fragment */
export function html(fragment) {
  const box = document.createElement("div");
  box.append(fragment);
  return box.innerHTML;
}
