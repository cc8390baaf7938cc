// @ts-check
import { gettext, interpolate } from "./i18n.js";

/**
 * What an answer in a given status shows: a word beside its name, and a sentence if something went wrong. The server's
 * template says the same for a page just loaded.
 *
 * @param {{ status: string, finishReason: string | null, error: { message: string } | null, position?: number | null }} answer
 */
export function standing({ status, finishReason, error, position = null }) {
  const broken = status === "failed" || status === "interrupted";
  const stopped = status === "stopped";
  const cutShort = status === "completed" && finishReason === "length";
  return {
    label: status === "pending" && position ? inLine(position) : (LABELS[status]?.() ?? ""),
    notice: noticeFor({ broken, cutShort, stopped, error }),
  };
}

/**
 * The ways on that an answer offers. An older one, below which something was said, can be regenerated whatever became
 * of it; to go on with it would change what was said below.
 *
 * @param {{ status: string, hasText: boolean, finishReason: string | null, isLeaf: boolean }} answer
 */
export function waysOn({ status, hasText, finishReason, isLeaf }) {
  const completed = status === "completed";
  const halfway = status === "interrupted" || status === "stopped" || (completed && finishReason === "length");
  return {
    continue: isLeaf && hasText && halfway,
    retry: isLeaf && (halfway || status === "failed") && !completed,
    regenerate: completed || (!isLeaf && (halfway || status === "failed")),
  };
}

/**
 * What of an answer's details is worth telling, by name.
 * @param {import("../socket/events.js").Details | null | undefined} details
 * @returns {Record<string, unknown>}
 */
export function toldOf(details) {
  if (!details) return {};
  const { replayed, answered_by: answeredBy, tries, cut } = details;
  return {
    ...(replayed && { replayed }),
    ...(answeredBy && { answered_by: answeredBy }),
    ...(tries > 1 && { tries }),
    ...(cut > 0 && { cut }),
  };
}

/** @param {number} position */
const inLine = (position) => interpolate(gettext("waiting, number %(position)s in line"), { position });

function noticeFor({ broken, cutShort, stopped, error }) {
  if (broken) return error?.message ?? gettext("The answer broke off.");
  if (cutShort) return gettext("The answer reached its greatest length.");
  return stopped ? gettext("The answer was stopped.") : "";
}

/** @type {Record<string, () => string>} */
const LABELS = {
  pending: () => gettext("waiting…"),
  streaming: () => gettext("writing…"),
  stopping: () => gettext("stopping…"),
  stopped: () => gettext("stopped"),
  failed: () => gettext("failed"),
  interrupted: () => gettext("interrupted"),
};

/** What the live region says when an answer ends. @param {string} status */
export function announcement(status) {
  if (status === "completed") return gettext("The answer is finished.");
  if (status === "stopped") return gettext("The answer was stopped.");
  return "";
}
