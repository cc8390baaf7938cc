// @ts-check
import { storage } from "./dom.js";

const KEY = "portal:asked";

/** A conversation begins with a page of its own, which tells the answer from its first word. @param {string} url */
export function leaveForAnswer(url) {
  storage("sessionStorage")?.setItem(KEY, new URL(url, location.href).pathname);
  location.assign(url);
}

/** Whether this page was come to for the answer to what was just asked; once. */
export function cameForAnswer() {
  const asked = storage("sessionStorage")?.getItem(KEY);
  storage("sessionStorage")?.removeItem(KEY);
  return asked === location.pathname;
}
