// @ts-check
/**
 * Where a long picture is cut into pages: at the last place allowed that leaves a page at least half full, and in the
 * middle of something only where it is longer than a page.
 *
 * @param {number} height of the whole
 * @param {number[]} breaks where a cut goes through nothing
 * @param {number} most that fits on a page
 * @returns {[number, number][]} each page from and to
 */
export function pagesOf(height, breaks, most) {
  const places = [...breaks].sort((one, other) => one - other);
  /** @type {[number, number][]} */
  const pages = [];
  let start = 0;
  while (height - start > most) {
    const fitting = places.filter((place) => place > start + most / 2 && place <= start + most);
    const end = fitting[fitting.length - 1] ?? start + most;
    pages.push([start, end]);
    start = end;
  }
  return [...pages, [start, height]];
}
