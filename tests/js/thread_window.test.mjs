import assert from "node:assert/strict";
import test from "node:test";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<main></main>");
Object.assign(globalThis, { document: window.document, HTMLTemplateElement: window.HTMLTemplateElement });
for (const which of ["earlier", "later"]) {
  const template = document.createElement("template");
  template.id = which;
  template.innerHTML = `<p data-${which}></p>`;
  document.body.append(template);
}
const { ThreadWindow } = await import("../../static/js/lib/thread-window.js");

/** Messages by number; "<" and ">" where there are more before and after. */
function part(said, { tag = "div" } = {}) {
  const holder = document.createElement(tag);
  for (const word of said.split(" ")) {
    const node = document.createElement(/[<>]/.test(word) ? "p" : "chat-message");
    if (word === "<") node.dataset.earlier = "";
    else if (word === ">") node.dataset.later = "";
    else node.dataset.messageId = word;
    holder.append(node);
  }
  return holder;
}

const said = (list) =>
  [...list.children].map(({ dataset }) => dataset.messageId ?? ("earlier" in dataset ? "<" : ">")).join(" ");

function showing(before, fresh) {
  const list = part(before);
  new ThreadWindow(list).show(part(fresh));
  return said(list);
}

test("the end of a branch takes the place of what it meets, and what stands above it stays", () => {
  assert.equal(showing("< 1 2 3 4", "< 3 4 5"), "< 1 2 3 4 5");
  assert.equal(showing("1 2 3 4", "< 3 4 5"), "1 2 3 4 5");
});

test("a part that meets nothing takes the place of all", () => {
  assert.equal(showing("< 1 2 3", "< 8 9"), "< 8 9");
  assert.equal(showing("1 2 3", "7"), "7");
});

test("a part of the middle leaves both ends where they meet", () => {
  assert.equal(showing("1 2 3 4 5", "< 2 3 4 >"), "1 2 3 4 5");
  assert.equal(showing("1 2 3 4 5", "< 2 4 >"), "1 2 4 5");
});

test("what stands before a first message is gone", () => {
  assert.equal(showing("1 2 3", "2 3"), "2 3");
});

test("another version hides what was said below the old one", () => {
  assert.equal(showing("1 2 3 4", "1 2 3b 4b"), "1 2 3b 4b");
});

test("earlier messages come before, later ones after", () => {
  const list = part("< 3 4 >");
  const shown = new ThreadWindow(list);
  shown.prepend(part("1 2"));
  assert.equal(said(list), "1 2 3 4 >");
  assert.equal(shown.reachesEnd, false);
  shown.append(part("5 6"));
  assert.equal(said(list), "1 2 3 4 5 6");
  assert.equal(shown.reachesEnd, true);
});

test("the window lets go of what is far from the reader, and says that there is more", () => {
  const list = part(Array.from({ length: 290 }, (_, at) => String(at + 20)).join(" "));
  const shown = new ThreadWindow(list);
  shown.prepend(part(Array.from({ length: 20 }, (_, at) => String(at)).join(" ")));
  assert.equal(shown.messages.length, ThreadWindow.most);
  assert.equal(shown.messages[0].dataset.messageId, "0");
  assert.equal(shown.reachesEnd, false);
});

test("while an answer is written nothing is let go", () => {
  const list = part(Array.from({ length: 290 }, (_, at) => String(at + 20)).join(" "));
  const shown = new ThreadWindow(list);
  /** @type {any} */ (shown.messages.at(-1)).active = true;
  shown.prepend(part(Array.from({ length: 20 }, (_, at) => String(at)).join(" ")));
  assert.equal(shown.messages.length, 310);
});

test("what somebody is editing is not let go", () => {
  const list = part(Array.from({ length: 290 }, (_, at) => String(at + 20)).join(" "));
  const shown = new ThreadWindow(list);
  shown.messages.at(-1).dataset.editing = "";
  shown.prepend(part(Array.from({ length: 20 }, (_, at) => String(at)).join(" ")));
  assert.equal(shown.messages.length, 310);
});
