// @ts-check
import { all, fromTemplate } from "./dom.js";
import { highlight } from "./highlight.js";
import { gettext } from "./i18n.js";
import { whenNear } from "./when-near.js";

/**
 * Gives code blocks a header (the language's name, and what one can do with the code), and once a block is finished its
 * colours, or the diagram that it describes.
 * @param {HTMLElement[]} elements
 * @param {boolean} settled
 */
export function dressCode(elements, settled) {
  for (const frame of all(elements, ".code")) {
    const code = frame.querySelector("code");
    if (!code) continue;
    if (settled) whenNear(frame, () => finish(frame, code));
    else addHeader(frame, code);
  }
}

/** @param {HTMLElement} frame @param {HTMLElement} code */
async function finish(frame, code) {
  addHeader(frame, code);
  if (languageOf(code) !== "mermaid") return highlight(code, languageOf(code));
  const { showDiagramIn } = await import("./diagrams.js");
  await showDiagramIn(frame, code.textContent ?? "");
}

/** @param {Element} code */
const languageOf = (code) => /language-(\S+)/.exec(code.className)?.[1]?.toLowerCase() ?? "";

/** @param {HTMLElement} frame @param {HTMLElement} code */
function addHeader(frame, code) {
  if (!frame.matches(".code--bare")) return;
  const header = fromTemplate("code-header");
  const pre = code.parentElement;
  if (!header || !pre) return;
  const label = header.querySelector(".code__language");
  if (label) label.textContent = languageOf(code) || gettext("Code");
  const text = () => (code.textContent ?? "").replace(/\n$/, "");
  const copy = /** @type {any} */ (header.querySelector("copy-button"));
  if (copy) copy.source = text;
  // The name says what it is: of a "Dockerfile" that is called a plain text, browsers would make "Dockerfile.txt".
  header.querySelector("[data-code=download]")?.addEventListener("click", async () => {
    const [{ download }, { fileNameFor }] = await Promise.all([import("./download.js"), import("./code-files.js")]);
    download(new Blob([`${text()}\n`], { type: "application/octet-stream" }), fileNameFor(languageOf(code)));
  });
  const wrap = header.querySelector("[data-code=wrap]");
  wrap?.addEventListener("click", () => {
    wrap.setAttribute("aria-pressed", String(frame.toggleAttribute("data-wrapped")));
  });
  pre.setAttribute("tabindex", "0"); // a long line is scrolled by keyboard, too
  pre.setAttribute("dir", "ltr");
  frame.prepend(header);
  frame.classList.remove("code--bare");
}
