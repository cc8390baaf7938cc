// @ts-check
/**
 * Tells messages when they come near what the reader sees, and when an end of the window does.
 * @param {HTMLElement} pane
 * @param {(edge: "earlier" | "later") => void} reached
 */
export function watchNear(pane, reached) {
  const messages = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) /** @type {any} */ (target).isNear = isIntersecting;
    },
    { root: pane, rootMargin: "300px 0px" },
  );
  const edges = new IntersectionObserver(
    (entries) => {
      const near = /** @type {HTMLElement | undefined} */ (entries.find((entry) => entry.isIntersecting)?.target);
      if (near) reached("earlier" in near.dataset ? "earlier" : "later");
    },
    { root: pane, rootMargin: "600px 0px" },
  );
  return {
    /** @param {Element[]} shown @param {(Element | null)[]} ends */
    observe(shown, ends) {
      messages.disconnect(); // what has left the page would be kept alive
      edges.disconnect();
      for (const message of shown) messages.observe(message);
      for (const end of ends) if (end) edges.observe(end);
    },
    stop() {
      messages.disconnect();
      edges.disconnect();
    },
  };
}
