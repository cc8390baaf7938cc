// @ts-check
import { ScrollKeeper } from "./scroll-keeper.js";

/** How far from the end the way back is worth a button. */
const FAR = 120;

/**
 * Wires a ScrollKeeper to a scrolling pane, its content and a "Jump to latest" button.
 * @param {HTMLElement} pane
 * @param {HTMLElement} content
 * @param {HTMLElement | null} button
 * @param {() => boolean} isWhole whether the content reaches to its end
 */
export function watchScrolling(pane, content, button, isWhole) {
  const keeper = new ScrollKeeper(pane, isWhole);
  const showButton = () => {
    const needless = isWhole() && (keeper.following || keeper.distance < FAR);
    if (button && button.hidden !== needless) button.hidden = needless;
  };
  const scrolled = () => {
    keeper.scrolled();
    showButton();
  };
  const toEnd = () => {
    keeper.toEnd();
    showButton();
  };
  const leave = () => {
    keeper.following = false;
  };
  const sizes = new ResizeObserver(() => {
    keeper.resized();
    showButton();
  });
  pane.addEventListener("scroll", scrolled, { passive: true });
  sizes.observe(pane);
  sizes.observe(content);
  toEnd();
  const stop = () => {
    pane.removeEventListener("scroll", scrolled);
    sizes.disconnect();
  };
  return { toEnd, leave, stop };
}
