// @ts-check

/**
 * Runs `work` at most once in `interval()` milliseconds, at the end of the interval, on an animation frame where there
 * are frames (a hidden tab has none). `cancel` forgets it; `early` does what waits now, on somebody else's frame, if the
 * last time is `least` milliseconds ago.
 * @param {() => void} work
 * @param {() => number} interval
 */
export function throttle(work, interval) {
  let timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  let last = -Infinity;
  const run = () => {
    timer = undefined;
    last = performance.now();
    work();
  };
  const later = () => {
    if (timer !== undefined) return;
    timer = setTimeout(() => nextFrame(() => timer !== undefined && run()), last + interval() - performance.now());
  };
  later.cancel = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  /** @param {number} least */
  later.early = (least) => {
    if (timer === undefined || performance.now() - last < least) return;
    later.cancel();
    run();
  };
  return later;
}

/** @param {() => void} work */
export function nextFrame(work) {
  if (globalThis.document?.visibilityState === "visible") requestAnimationFrame(work);
  else work();
}

/** @type {MessageChannel | undefined} */
let channel;
/** @type {(() => void)[]} */
const painted = [];

/** When the browser has laid out and painted what the running task has changed. @param {() => void} work */
export function afterPaint(work) {
  if (!channel) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => painted.splice(0).forEach((each) => each());
  }
  painted.push(work);
  channel.port2.postMessage(0);
}

/** @param {() => void} work @param {number} milliseconds */
export function debounce(work, milliseconds) {
  let timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, milliseconds);
  };
}
