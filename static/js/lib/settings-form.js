// @ts-check
import { post } from "./http.js";

/**
 * Saves a conversation's settings, or, for one not yet begun (the form has no address), keeps them for its first
 * message. What was typed stays until it was taken.
 * @param {HTMLFormElement} form
 * @param {(settings: Record<string, string>) => void} saved
 */
export async function saveSettings(form, saved) {
  const settings = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  const error = /** @type {HTMLElement | null} */ (form.querySelector("[data-error]"));
  if (error) error.hidden = true;
  try {
    if (form.hasAttribute("action")) await post(form.action, settings, { status: 204 });
  } catch (refused) {
    if (!error) return;
    error.textContent = refused.message;
    error.hidden = false;
    return;
  }
  saved(settings);
  form.closest("dialog")?.close();
}
