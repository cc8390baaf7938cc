// @ts-check

/**
 * A moment as its reader's clock has it: the hour today, the day before that.
 * @param {Date} when
 * @param {{ now?: Date, language?: string, timeZone?: string }} reader without a time zone, the device's
 */
export function moment(when, { now = new Date(), language, timeZone } = {}) {
  const zone = { timeZone: known(timeZone) };
  const day = (/** @type {Date} */ of) => of.toLocaleDateString("en", zone);
  const hour = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", ...zone });
  const style = day(when) === day(now) ? hour : /** @type {const} */ ({ month: "short", day: "numeric", ...hour });
  return {
    text: when.toLocaleString(language, style),
    title: when.toLocaleString(language, { dateStyle: "full", timeStyle: "short", ...zone }),
  };
}

/** Undefined for one that this device does not know. @param {string | undefined} timeZone */
function known(timeZone) {
  try {
    return timeZone ? new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone : undefined;
  } catch {
    return undefined;
  }
}
