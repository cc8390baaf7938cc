// @ts-check

/**
 * Where the on-screen keyboard lies over the page instead of making it smaller (Safari), the page makes itself smaller:
 * `--covered` is what of its height is not seen. A page that is zoomed into is left alone.
 * @param {VisualViewport | null} seen
 * @param {HTMLElement} root
 */
export function makeRoomForKeyboard(seen = window.visualViewport, root = document.documentElement) {
  if (!seen) return;
  const fit = () => {
    const covered = seen.scale > 1 ? 0 : Math.max(0, root.clientHeight - seen.height);
    root.style.setProperty("--covered", `${Math.round(covered)}px`);
  };
  seen.addEventListener("resize", fit);
  fit(); // it may be there before this script
}
