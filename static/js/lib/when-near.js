// @ts-check
/**
 * Work that waits until its element comes near the reader: a long conversation shows at once, and colours its code where
 * one looks. `hurry` does what waits in a part of the page now, for a picture of it.
 */

const MARGIN = "800px";
/** @type {Map<Element, () => unknown>} */
const waiting = new Map();
/** @type {Map<Element, Promise<void>>} */
const running = new Map();
/** @type {IntersectionObserver | null} */
let observer = null;

/** @param {Element} element @param {() => unknown} work */
export function whenNear(element, work) {
  if (!globalThis.IntersectionObserver) return void work();
  const seen = (/** @type {IntersectionObserverEntry[]} */ entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) whenIdle(() => run(target));
      else if (!target.isConnected) forget(target);
    }
  };
  // The margin around the thread, which scrolls, is a newer option than that around the window.
  observer ??= new IntersectionObserver(seen, /** @type {any} */ ({ rootMargin: MARGIN, scrollMargin: MARGIN }));
  waiting.set(element, work);
  observer.observe(element);
}

/** @param {Element} root */
export async function hurry(root) {
  const within = (/** @type {Element} */ element) => root.contains(element);
  // What is done in one place may find more to do within it.
  for (let found = [...waiting.keys()].filter(within); found.length; found = [...waiting.keys()].filter(within)) {
    await Promise.all(found.map(run));
  }
  await Promise.all([...running.keys()].filter(within).map((element) => running.get(element)));
}

/** @param {Element} element */
async function run(element) {
  const work = waiting.get(element);
  if (!work) return;
  forget(element);
  const done = Promise.resolve(work()).then(() => void running.delete(element));
  running.set(element, done);
  await done;
}

function forget(element) {
  waiting.delete(element);
  observer?.unobserve(element);
}

/** @param {() => void} work */
function whenIdle(work) {
  if (globalThis.requestIdleCallback) requestIdleCallback(() => work(), { timeout: 500 });
  else setTimeout(work);
}
