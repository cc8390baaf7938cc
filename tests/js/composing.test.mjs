import assert from "node:assert/strict";
import test from "node:test";
import { Draft, forgetDrafts } from "../../static/js/lib/draft.js";
import { composes, enterSends } from "../../static/js/lib/enter.js";
import { newId } from "../../static/js/lib/ids.js";

const desk = { coarsePointer: false };
const phone = { coarsePointer: true };
const enter = (more = {}) => ({ key: "Enter", keyCode: 13, shiftKey: false, isComposing: false, ...more });

test("Enter sends, Shift+Enter is a new line", () => {
  assert.equal(enterSends(enter(), desk), true);
  assert.equal(enterSends(enter({ shiftKey: true }), desk), false);
  assert.equal(enterSends({ ...enter(), key: "a" }, desk), false);
});

test("Enter never sends while an input method composes", () => {
  assert.equal(enterSends(enter({ isComposing: true }), desk), false);
  assert.equal(enterSends(enter({ keyCode: 229 }), desk), false);
  assert.equal(enterSends(enter({ isComposing: true, ctrlKey: true }), desk), false);
});

test("a key that an input method takes is not the page's", () => {
  assert.equal(composes({ key: "Escape", keyCode: 27, isComposing: true }), true);
  assert.equal(composes({ key: "Enter", keyCode: 229, isComposing: false }), true);
  assert.equal(composes({ key: "Escape", keyCode: 27, isComposing: false }), false);
});

test("on a phone Enter is a new line", () => {
  assert.equal(enterSends(enter(), phone), false);
  assert.equal(enterSends(enter({ ctrlKey: true }), phone), true);
});

test("a member's choice counts on both, and Ctrl or Cmd with Enter always sends", () => {
  for (const device of [desk, phone]) {
    const sending = { ...device, enterKey: "send" };
    const breaking = { ...device, enterKey: "newline" };
    assert.equal(enterSends(enter(), sending), true);
    assert.equal(enterSends(enter({ shiftKey: true }), sending), false);
    assert.equal(enterSends(enter({ isComposing: true }), sending), false);
    assert.equal(enterSends(enter(), breaking), false);
    for (const key of ["ctrlKey", "metaKey"]) assert.equal(enterSends(enter({ [key]: true }), breaking), true);
    assert.equal(enterSends(enter({ ctrlKey: true, isComposing: true }), breaking), false);
  }
  assert.equal(enterSends(enter(), { ...desk, enterKey: "device" }), true);
  assert.equal(enterSends(enter(), { ...phone, enterKey: "device" }), false);
});

test("ids are version 4 UUIDs and differ", () => {
  const ids = new Set(Array.from({ length: 1000 }, () => newId()));
  assert.equal(ids.size, 1000);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

function shelf() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
    key: (index) => [...kept.keys()][index] ?? null,
    get length() {
      return kept.size;
    },
    kept,
  };
}

test("a retry of the same text is the same message, also after a reload", () => {
  const storage = shelf();
  const draft = new Draft("ada", "c", storage);
  draft.write("hello");
  const id = draft.id;
  assert.equal(draft.id, id);
  assert.equal(new Draft("ada", "c", storage).id, id);
  assert.equal(new Draft("ada", "c", storage).text, "hello");
});

test("another text is another message", () => {
  const draft = new Draft("ada", "c", shelf());
  draft.write("hello");
  const id = draft.id;
  draft.write("hello!");
  assert.notEqual(draft.id, id);
});

test("what was sent is forgotten, what was typed meanwhile is not", () => {
  const storage = shelf();
  const draft = new Draft("ada", "c", storage);
  draft.write("one");
  draft.sent("one");
  assert.equal(storage.kept.size, 0);
  draft.write("two, already");
  draft.sent("one");
  assert.equal(draft.text, "two, already");
});

test("a storage that refuses costs the draft, not the composer", () => {
  const refuse = () => {
    throw new Error("quota");
  };
  const draft = new Draft("ada", "c", { getItem: refuse, setItem: refuse, removeItem: refuse });
  draft.write("hello");
  assert.equal(draft.text, "hello");
});

test("what one person began is not shown to the next at that desk", () => {
  const storage = shelf();
  new Draft("ada", "", storage).write("My secret");
  assert.equal(new Draft("bob", "", storage).text, "");
  assert.equal(new Draft("ada", "", storage).text, "My secret");
});

test("who logs out takes all drafts along, and nothing else", () => {
  const storage = shelf();
  storage.setItem("reloaded", "1");
  for (const conversation of ["", "c", "d"]) new Draft("ada", conversation, storage).write("My secret");
  forgetDrafts(storage);
  assert.deepEqual([...storage.kept.keys()], ["reloaded"]);
  forgetDrafts(null);
});
