// @ts-check
/**
 * Puts the pictures within a copy of messages into the copy itself: what is drawn from an SVG may load nothing. One that
 * cannot be had becomes its name.
 * @param {HTMLElement} portrait
 */
export async function inlinePictures(portrait) {
  await Promise.all([...portrait.querySelectorAll("img")].map(inline));
}

/** @param {HTMLImageElement} image */
async function inline(image) {
  if (image.src.startsWith("data:")) return;
  try {
    const answer = await fetch(image.src);
    if (!answer.ok) throw new Error(String(answer.status));
    image.loading = "eager";
    image.src = await dataUrl(await answer.blob());
    await image.decode();
  } catch {
    image.replaceWith(image.alt); // whoever cannot see it is told its name
  }
}

/** @param {Blob} blob @returns {Promise<string>} */
const dataUrl = (blob) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
