// @ts-check
/**
 * How full the model's window will be when what is being written is sent. All counts are estimates, in tokens.
 *
 * @typedef {{ window: number | null, room: number, system: number, earlier: number[], uncounted: number }} Counted as
 *   the server gives it: `earlier` has a number for each message, oldest first
 */

const WIDE = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/g;
const CHARACTERS_A_TOKEN = 4;
const TOKENS_A_MESSAGE = 4;

/** The same estimate as the server's (upstream/estimates.py). @param {string} text */
export function estimateTokens(text) {
  const wide = text.match(WIDE)?.length ?? 0;
  return wide + Math.ceil(([...text].length - wide) / CHARACTERS_A_TOKEN);
}

/**
 * @param {Counted} counted
 * @param {string} draft
 * @returns {{ tokens: number, cut: number, share: number | null }} what would be sent, how many of the oldest messages
 *   would not, and how much of what the prompt may take is taken (1 is all of it), where the window is known
 */
export function gauge({ window, room, system, earlier, uncounted }, draft) {
  let tokens = system + (draft ? estimateTokens(draft) + TOKENS_A_MESSAGE : 0);
  const most = window === null ? Infinity : window - room;
  let fitting = 0;
  for (const cost of [...earlier].reverse()) {
    if (tokens + cost > most) break;
    tokens += cost;
    fitting += 1;
  }
  const cut = most === Infinity ? 0 : earlier.length - fitting + uncounted;
  return { tokens, cut, share: window === null ? null : Math.min(1, tokens / Math.max(1, most)) };
}
