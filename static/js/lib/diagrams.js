// @ts-check
import { diagramFrame } from "./diagram-frame.js";
import { fromTemplate } from "./dom.js";
import { isDark, onThemeChange } from "./theme.js";

/** The diagrams that stand in the page, by their figures. @type {Map<HTMLElement, string>} */
const shown = new Map();

/**
 * Shows the diagram that a block of code describes, with its source behind a button. One that cannot be drawn leaves the
 * source where it is, with a word.
 * @param {HTMLElement} frame the block's
 * @param {string} source
 */
export async function showDiagramIn(frame, source) {
  const figure = fromTemplate("diagram");
  const toggle = /** @type {HTMLElement | null} */ (frame.querySelector("[data-code=source]"));
  if (!figure || !toggle || frame.querySelector(".diagram")) return;
  const drawn = await drawInto(figure, source, isDark());
  const sentence = /** @type {HTMLElement | null} */ (figure.querySelector(".diagram__trouble"));
  if (sentence) sentence.hidden = drawn;
  frame.querySelector("pre")?.before(figure);
  if (!drawn) return;
  shown.set(figure, source);
  frame.dataset.diagram = "";
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    toggle.setAttribute("aria-pressed", String(frame.toggleAttribute("data-source")));
  });
}

/**
 * Draws each diagram in a copy of messages anew, for a picture in another theme than the page's.
 * @param {HTMLElement} copy
 * @param {boolean} dark
 */
export async function redrawIn(copy, dark) {
  for (const frame of copy.querySelectorAll("[data-diagram]")) {
    const figure = /** @type {HTMLElement} */ (frame.querySelector(".diagram"));
    await drawInto(figure, frame.querySelector("code")?.textContent ?? "", dark);
  }
}

async function drawInto(figure, source, dark) {
  const image = /** @type {HTMLImageElement} */ (figure.querySelector("img"));
  try {
    const { svg, width, height } = await diagramFrame.draw(source, dark);
    image.width = Math.round(width);
    image.height = Math.round(height);
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    return true;
  } catch {
    image.hidden = !image.src;
    return false;
  }
}

onThemeChange(() => {
  for (const [figure, source] of shown) {
    if (figure.isConnected) drawInto(figure, source, isDark());
    else shown.delete(figure);
  }
});
