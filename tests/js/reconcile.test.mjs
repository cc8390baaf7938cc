import assert from "node:assert/strict";
import test from "node:test";
import { document } from "./page.mjs";

const { messagesIn, reconcile } = await import("../../static/js/lib/reconcile.js");

function message(messageId, { status = "completed", sequence = 1, generationId = `g-${messageId}` } = {}) {
  const element = document.createElement("chat-message");
  Object.assign(element.dataset, { messageId, status, sequence: String(sequence), generationId });
  return element;
}

function list(...messages) {
  const box = document.createElement("div");
  box.append(...messages);
  return box;
}

const ids = (box) => messagesIn(box).map(({ dataset }) => dataset.messageId);

test("what is new comes, what is gone goes, what stays is not touched", () => {
  const a = message("a");
  const c = message("c");
  const box = list(a, message("b"), c);
  reconcile(box, [message("a"), message("c"), message("d")]);
  assert.deepEqual(ids(box), ["a", "c", "d"]);
  assert.equal(messagesIn(box)[0], a);
  assert.equal(messagesIn(box)[1], c);
});

test("the order is the server's", () => {
  const box = list(message("a"), message("b"), message("c"));
  reconcile(box, [message("c"), message("x"), message("a"), message("b")]);
  assert.deepEqual(ids(box), ["c", "x", "a", "b"]);
});

test("a message that is ahead of the page fetched stays", () => {
  const here = message("a", { status: "streaming", sequence: 9 });
  const box = list(here);
  reconcile(box, [message("a", { status: "streaming", sequence: 4 })]);
  assert.equal(messagesIn(box)[0], here);
  const begun = message("b", { status: "streaming", sequence: 1 });
  const other = list(begun);
  reconcile(other, [message("b", { status: "pending", sequence: 0 })]);
  assert.equal(other.children[0], begun);
});

test("a message that fell behind, or has another generation, is replaced", () => {
  for (const fresh of [message("a", { status: "completed", sequence: 9 }), message("a", { generationId: "other" })]) {
    const box = list(message("a", { status: "streaming", sequence: 4 }));
    reconcile(box, [fresh]);
    assert.equal(messagesIn(box)[0], fresh);
  }
});
