import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Draft } from "../../static/js/lib/draft.js";
import { DraftSaver } from "../../static/js/lib/draft-saver.js";

function shelf() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
    kept,
  };
}

const NOTHING = { text: "", id: "" };

/** A draft of a page that was left and is opened again. */
function reopened(storage, theirs, now = Date.now()) {
  const draft = new Draft("ada", "c", storage);
  draft.meet(theirs, now);
  return draft;
}

function typed(storage, text, theirs = NOTHING) {
  const draft = reopened(storage, theirs);
  draft.write(text);
  return draft;
}

test("a fresh tab shows what the server has, and would send it under the same id", () => {
  const draft = reopened(shelf(), { text: "from the phone", id: "id-1" });
  assert.equal(draft.text, "from the phone");
  assert.equal(draft.id, "id-1");
  assert.equal(draft.isSaved, true);
});

test("what was typed here and never reached the server stays, and is still to be saved", () => {
  const storage = shelf();
  typed(storage, "typed offline");
  const draft = reopened(storage, { text: "older, from the phone", id: "id-1" });
  assert.equal(draft.text, "typed offline");
  assert.equal(draft.isSaved, false);
});

test("what reached the server gives way to what came there later", () => {
  const storage = shelf();
  typed(storage, "from here").saved("from here");
  const draft = reopened(storage, { text: "from here, and the phone", id: "id-2" });
  assert.equal(draft.text, "from here, and the phone");
  assert.equal(draft.id, "id-2");
});

test("what was emptied elsewhere is empty here", () => {
  const storage = shelf();
  typed(storage, "from here").saved("from here");
  assert.equal(reopened(storage, NOTHING).text, "");
  assert.equal(storage.kept.size, 0);
});

test("what was sent is gone, also where the answer to it was lost", () => {
  for (const reached of [true, false]) {
    const storage = shelf();
    const draft = typed(storage, "sent");
    const { id } = draft;
    if (reached) draft.saved("sent");
    assert.equal(reopened(storage, { text: "", id }).text, "");
  }
});

test("what was sent elsewhere takes no other text along", () => {
  const storage = shelf();
  typed(storage, "mine").saved("mine");
  const draft = reopened(storage, { text: "", id: "id-of-another-text" });
  assert.equal(draft.text, "mine");
  assert.equal(draft.isSaved, false);
});

test("what was handed over when the page was left gives way to what came later, and to nothing else", () => {
  const theirs = { text: "before", id: "id-0" };
  const later = { text: "from the phone", id: "id-2" };
  for (const [met, after, shown] of [
    [theirs, 3_600_000, "at the last moment"], // it did not arrive
    [later, 3_600_000, "from the phone"],
    [later, 500, "at the last moment"], // it had no time to
  ]) {
    const storage = shelf();
    typed(storage, "at the last moment", theirs).handedOver(0);
    assert.equal(reopened(storage, met, after).text, shown);
  }
});

test("a page that the browser kept says nothing of what was typed or sent after it", () => {
  const kept = { text: "older", id: "id-1", drawn: 100 };
  const storage = shelf();
  const draft = reopened(storage, kept);
  draft.write("newer");
  draft.saved("newer");
  assert.equal(reopened(storage, kept).text, "newer");
  assert.equal(reopened(storage, { ...kept, text: "from the phone", id: "id-2", drawn: 101 }).text, "from the phone");
  const sent = reopened(storage, { ...kept, drawn: 102 });
  sent.sent("older");
  assert.equal(reopened(storage, { ...kept, drawn: 102 }).text, "");
});

test("the id stays the same until the text changes", () => {
  const storage = shelf();
  const draft = typed(storage, "hello");
  const { id } = draft;
  draft.saved("hello");
  assert.equal(reopened(storage, { text: "hello", id }).id, id);
  draft.write("hello!");
  assert.notEqual(draft.id, id);
});

test("what a log-out took away is not brought back by an answer that comes late", () => {
  const storage = shelf();
  const draft = typed(storage, "secret");
  draft.handedOver();
  storage.kept.clear();
  draft.saved("secret");
  assert.equal(storage.kept.size, 0);
});

const settled = () => new Promise((done) => setImmediate(done));

/** A server that answers when it is told to. */
function server() {
  const asked = [];
  const put = (fields, request) =>
    new Promise((resolve, reject) => asked.push({ ...fields, ...request, resolve, reject }));
  return { asked, put };
}

test("typing is saved in a pause, and one request at a time", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const { asked, put } = server();
  const draft = new Draft("ada", "c", shelf());
  const saver = new DraftSaver(draft, put);
  const type = (text) => {
    draft.write(text);
    saver.changed();
  };
  type("h");
  mock.timers.tick(500);
  type("he");
  mock.timers.tick(799);
  assert.equal(asked.length, 0);
  mock.timers.tick(1);
  assert.deepEqual([asked[0].text, asked[0].client_id], ["he", draft.id]);
  type("hey");
  mock.timers.tick(800);
  assert.equal(asked.length, 1, "the first is not answered yet");
  asked[0].resolve();
  await settled();
  mock.timers.tick(800);
  assert.equal(asked[1].text, "hey");
  asked[1].resolve();
  await settled();
  assert.equal(draft.isSaved, true);
  mock.timers.tick(5000);
  assert.equal(asked.length, 2);
});

test("before a text is sent, the save on its way has ended and none comes after", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const { asked, put } = server();
  const draft = new Draft("ada", "c", shelf());
  const saver = new DraftSaver(draft, put);
  draft.write("one");
  saver.changed();
  mock.timers.tick(800);
  draft.write("one two");
  saver.changed();
  let isReady = false;
  const ready = saver.settle().then(() => (isReady = true));
  await settled();
  assert.equal(isReady, false);
  asked[0].reject(new Error("offline"));
  await ready;
  mock.timers.tick(5000);
  assert.equal(asked.length, 1);
});

test("leaving the page hands over what is not saved, and only that", async () => {
  const { asked, put } = server();
  const draft = new Draft("ada", "c", shelf());
  const saver = new DraftSaver(draft, put);
  saver.leave();
  assert.equal(asked.length, 0);
  draft.write("last words");
  saver.leave();
  saver.leave();
  assert.equal(asked.length, 1);
  assert.equal(asked[0].keepalive, true);
  asked[0].resolve();
  await settled();
  assert.equal(draft.isSaved, true);
});

test("what could not be handed over is still to be saved, and handed over again", async () => {
  const { asked, put } = server();
  const draft = new Draft("ada", "c", shelf());
  const saver = new DraftSaver(draft, put);
  draft.write("in a tunnel");
  saver.leave();
  asked[0].reject(new Error("offline"));
  await settled();
  assert.equal(draft.isOnItsWay, false);
  saver.leave();
  assert.equal(asked.length, 2);
});
