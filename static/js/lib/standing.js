// @ts-check
import { isActive } from "../socket/events.js";
import { gettext } from "./i18n.js";

/**
 * What an answer in a given status shows: a word beside its name, a sentence if something went wrong, and the ways on.
 * The server's template says the same for a page just loaded.
 *
 * @param {{ status: string, hasText: boolean, finishReason: string | null, error: { message: string } | null }} answer
 */
export function standing({ status, hasText, finishReason, error }) {
  const broken = status === "failed" || status === "interrupted";
  const stopped = status === "stopped";
  const cutShort = status === "completed" && finishReason === "length";
  return {
    active: isActive(status),
    label: LABELS[status]?.() ?? "",
    notice: noticeFor({ broken, cutShort, stopped, error }),
    canContinue: hasText && (status === "interrupted" || stopped || cutShort),
    canRetry: broken || stopped,
    canRegenerate: status === "completed",
  };
}

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
