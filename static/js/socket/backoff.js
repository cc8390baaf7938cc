// @ts-check
export const FIRST_DELAY = 500;
export const LONGEST_DELAY = 15_000;

/**
 * How long to wait before the next try. Jittered, so that a room full of pages does not knock on a restarted server's
 * door at the same instant.
 * @param {number} failures how many tries failed in a row
 * @param {() => number} random
 * @param {number} [longest] in milliseconds
 */
export function delayAfter(failures, random = Math.random, longest = LONGEST_DELAY) {
  return Math.min(longest, FIRST_DELAY * 2 ** Math.min(failures, 10)) * (0.5 + random() / 2);
}
