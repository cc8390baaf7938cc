// @ts-check
import { redrawIn } from "../diagrams.js";
import { download } from "../download.js";
import { formulasAreSet } from "../formulas.js";
import { isDark } from "../theme.js";
import { hurry } from "../when-near.js";
import { fileNameOf } from "./file-name.js";
import { inlinePictures } from "./inline.js";
import { pagesOf } from "./pages.js";
import { drawingOf, paint } from "./paint.js";
import { breaksIn, portraitOf } from "./portrait.js";
import { pageStyles } from "./styles.js";
import { zip } from "./zip.js";

/** Points to a CSS pixel: sharp on dense screens, too. */
const SCALE = 2;
/** What every browser can draw: the smallest limits are those of phones. */
const MOST_POINTS = 16_000_000;
const MOST_ON_A_SIDE = 16_000;

/**
 * Saves messages as a PNG, or as numbered ones in a ZIP where they are longer than a browser can draw.
 *
 * @param {HTMLElement[]} messages `chat-message` elements, in their order
 * @param {{ title: string, theme: "light" | "dark", onProgress?: (done: number, of: number) => void }} options
 */
export async function savePicture(messages, { title, theme, onProgress = () => {} }) {
  const pages = await picturesOf(messages, { title, theme, onProgress });
  const name = fileNameOf(title);
  if (pages.length === 1) return download(pages[0], `${name}.png`);
  const width = String(pages.length).length;
  const files = pages.map(async (page, index) => ({
    name: `${name} ${String(index + 1).padStart(width, "0")}.png`,
    bytes: new Uint8Array(await page.arrayBuffer()),
  }));
  download(zip(await Promise.all(files)), `${name}.zip`);
}

/** @returns {Promise<Blob[]>} */
async function picturesOf(messages, { title, theme, onProgress }) {
  onProgress(0, 1);
  await Promise.all(messages.map(hurry));
  await formulasAreSet();
  const portrait = portraitOf(messages, title);
  await inlinePictures(portrait);
  if ((theme === "dark") !== isDark()) await redrawIn(portrait, theme === "dark");
  const studio = document.createElement("div");
  studio.className = "picture-studio";
  studio.inert = true;
  studio.append(portrait);
  document.body.append(studio);
  try {
    return await paintAll(portrait, theme, onProgress);
  } finally {
    studio.remove();
  }
}

/** @param {HTMLElement} portrait as it stands in the page, where it is measured */
async function paintAll(portrait, theme, onProgress) {
  const { width, height } = sizeOf(portrait);
  const most = Math.floor(Math.min(MOST_ON_A_SIDE, MOST_POINTS / (width * SCALE)) / SCALE);
  const pages = pagesOf(height, breaksIn(portrait), most);
  const tops = topsOf(portrait);
  const styles = pageStyles();
  const painted = [];
  for (const [index, [from, to]] of pages.entries()) {
    onProgress(index, pages.length);
    await new Promise((done) => setTimeout(done)); // the page stays alive between pages
    const content = only(portrait, tops, from, to);
    painted.push(await paint(drawingOf({ content, styles, theme, width, from, to, scale: SCALE })));
  }
  onProgress(pages.length, pages.length);
  return painted;
}

/** What does not break (a wide table, a formula) makes the picture wider. */
function sizeOf(portrait) {
  const width = Math.min(portrait.scrollWidth, 2400);
  if (width > portrait.clientWidth) portrait.style.inlineSize = `${width}px`;
  const box = portrait.getBoundingClientRect();
  return { width: Math.ceil(box.width), height: Math.ceil(box.height) };
}

const topsOf = (portrait) => {
  const { top } = portrait.getBoundingClientRect();
  return [...portrait.children].map((child) => child.getBoundingClientRect().top - top);
};

/** The copy with what stands between `from` and `to` alone, and room for what stands above. */
function only(portrait, tops, from, to) {
  const page = /** @type {HTMLElement} */ (portrait.cloneNode(false));
  const first = Math.max(0, tops.findLastIndex((top) => top <= from));
  const room = document.createElement("div");
  room.style.blockSize = `${tops[first] - tops[0]}px`;
  page.style.minBlockSize = `${Math.ceil(to)}px`; // no hairline below a height that was rounded up
  page.append(room);
  for (const [index, child] of [...portrait.children].entries()) {
    if (index >= first && tops[index] < to) page.append(child.cloneNode(true));
  }
  return page;
}
