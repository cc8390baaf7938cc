// @ts-check
/**
 * A copy of messages for a picture of them: what was said, by whom and when, without what one could press.
 * @param {HTMLElement[]} messages
 * @param {string} title
 */
export function portraitOf(messages, title) {
  const portrait = document.createElement("div");
  portrait.className = "picture";
  const heading = document.createElement("h1");
  heading.className = "picture__title";
  heading.dir = "auto";
  heading.textContent = title;
  portrait.append(heading, ...messages.map(copyOf));
  return portrait;
}

/** A plain element: a copy of the message's own would wake up as one. @param {HTMLElement} message */
function copyOf(message) {
  const copy = document.createElement("div");
  copy.className = message.className;
  for (const part of message.querySelectorAll(":scope > .message__who, :scope > details[open].message__reasoning, :scope > .message__text, :scope > .message__parts > .message__picture")) {
    copy.append(part.cloneNode(true));
  }
  for (const control of copy.querySelectorAll("button, copy-button, .message__status, [hidden]")) control.remove();
  for (const own of copy.querySelectorAll("*")) if (own.localName.includes("-")) own.replaceWith(...own.childNodes);
  return copy;
}

/**
 * Where it may be cut: above messages, blocks, items and rows, and between lines of what is long.
 * @param {HTMLElement} portrait as it stands in the page
 */
export function breaksIn(portrait) {
  const top = portrait.getBoundingClientRect().top;
  const breaks = [];
  for (const element of portrait.querySelectorAll(".message, .message__text > *, li, tr, p, pre, .message__text:not([data-rendered])")) {
    const rect = element.getBoundingClientRect();
    breaks.push(rect.top - top);
    if (!element.matches("p, pre, .message__text") || rect.height < 400) continue;
    const style = getComputedStyle(element);
    const line = parseFloat(style.lineHeight) || 24;
    const first = rect.top - top + parseFloat(style.paddingBlockStart);
    for (let y = first + line; y < first + rect.height - line; y += line) breaks.push(y);
  }
  return breaks;
}
