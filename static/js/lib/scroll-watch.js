// @ts-check
import { ScrollKeeper } from "./scroll-keeper.js";

/** How far from the end the way back is worth a button. */
const FAR = 120;

/**
 * Wires a ScrollKeeper to a scrolling pane, its content and a "Jump to latest" button.
 * @param {HTMLElement} pane
 * @param {HTMLElement} content
 * @param {HTMLElement | null} button
 */
export function watchScrolling(pane, content, button) {
  const keeper = new ScrollKeeper(pane);
  const showButton = () => {
    const needless = keeper.following || keeper.distance < FAR;
    if (button && button.hidden !== needless) button.hidden = needless;
  };
  const scrolled = () => {
    keeper.scrolled();
    showButton();
  };
  const toEnd = () => keeper.toEnd();
  const sizes = new ResizeObserver(() => {
    keeper.resized();
    showButton();
  });
  pane.addEventListener("scroll", scrolled, { passive: true });
  button?.addEventListener("click", toEnd);
  sizes.observe(pane);
  sizes.observe(content);
  toEnd();
  const stop = () => {
    pane.removeEventListener("scroll", scrolled);
    button?.removeEventListener("click", toEnd);
    sizes.disconnect();
  };
  return { toEnd, stop };
}
