// @ts-check
import { fromTemplate } from "./dom.js";
import { composes } from "./enter.js";
import { newId } from "./ids.js";

/**
 * Puts a field with the message's own text in its place. What was typed stays until it was received, or given up.
 * @param {any} message
 * @param {{ send: (said: { text: string, id: string }) => Promise<unknown>, ended: (how: { givenUp: boolean }) => void }} then
 *   `send` is given the same id when the same text is sent again
 */
export function openEditForm(message, { send, ended }) {
  const form = /** @type {HTMLFormElement | null} */ (fromTemplate("edit"));
  if (!form || "editing" in message.dataset) return;
  const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("text"));
  const trouble = /** @type {HTMLElement} */ (form.querySelector(".edit__error"));
  let id = newId();
  const end = (givenUp) => {
    form.remove();
    delete message.dataset.editing;
    ended({ givenUp });
  };
  field.value = message.text;
  field.addEventListener("input", () => {
    id = newId();
  });
  form.addEventListener("click", ({ target }) => {
    if (/** @type {Element} */ (target).closest("[data-act=cancel]")) end(true);
  });
  form.addEventListener("keydown", (event) => {
    if (composes(event)) return;
    if (event.key === "Escape") end(true);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await send({ text: field.value, id });
      end(false);
    } catch (refused) {
      trouble.textContent = refused.message;
      trouble.hidden = false;
    }
  });
  message.dataset.editing = "";
  message.append(form);
  field.focus();
}
