// @ts-check
import { parseFragment } from "../lib/dom.js";

/** Keeps the pool page live: fetches its tables every few seconds, as long as somebody looks. */
const EVERY = 3000; // ms

const pool = document.querySelector("[data-live]");
const stale = /** @type {HTMLElement | null} */ (document.querySelector("[data-stale]"));

async function refresh() {
  if (!pool || document.hidden || pool.contains(document.activeElement)) return; // not under anybody's hands
  try {
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status)); // to the log-in
    pool.replaceChildren(parseFragment(await answer.text()));
    if (stale) stale.hidden = true;
  } catch {
    if (stale) stale.hidden = false;
  }
}

setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);
