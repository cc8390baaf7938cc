// @ts-check
/** What no text in XML may hold. */
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/**
 * Part of a copy of messages as a drawing that holds all it needs: the browser lays it out as it does the page.
 *
 * @param {{ content: Element, styles: string, theme: "light" | "dark", width: number, from: number, to: number, scale: number }} part
 */
export function drawingOf({ content, styles, theme, width, from, to, scale }) {
  const height = Math.ceil(to - from);
  const font = getComputedStyle(document.documentElement).fontSize; // what "rem" means
  const xhtml = new XMLSerializer().serializeToString(content);
  const css = `${styles}\n:root { font: 400 ${font} / 1.6 var(--font); }`.replaceAll("]]>", "]] >");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" data-theme="${theme}" width="${width * scale}" height="${height * scale}" ` +
    `viewBox="0 0 ${width} ${height}"><style><![CDATA[${css}]]></style>` +
    `<foreignObject x="0" y="${-from}" width="${width}" height="${Math.ceil(to)}">${xhtml}</foreignObject></svg>`
  ).replace(FORBIDDEN, "\uFFFD");
}

/**
 * @param {string} svg
 * @returns {Promise<Blob>} as PNG
 */
export async function paint(svg) {
  const image = new Image();
  // A data address: drawn from a blob's, some browsers would not let the picture be read again.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.drawImage(image, 0, 0);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  canvas.width = canvas.height = 0; // lets go of its memory
  if (!blob) throw new Error("the picture is too large for this browser");
  return blob;
}
