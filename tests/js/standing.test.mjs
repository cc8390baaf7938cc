import assert from "node:assert/strict";
import test from "node:test";
import { standing, toldOf, waysOn } from "../../static/js/lib/standing.js";

const of = (status, more = {}) => standing({ status, finishReason: null, error: null, ...more });
const from = (status, more = {}) => {
  const ways = waysOn({ status, hasText: true, finishReason: null, isLeaf: true, ...more });
  return Object.keys(ways).filter((kind) => ways[kind]);
};

test("an answer being written offers nothing yet", () => {
  assert.equal(of("streaming").notice, "");
  for (const status of ["pending", "streaming", "stopping"]) assert.deepEqual(from(status), []);
});

test("an interrupted answer says what happened and offers two ways on", () => {
  const error = { message: "The portal was restarted." };
  assert.equal(of("interrupted", { error }).notice, error.message);
  assert.deepEqual(from("interrupted"), ["continue", "retry"]);
});

test("where nothing was written there is nothing to continue", () => {
  assert.deepEqual(from("failed", { hasText: false }), ["retry"]);
  assert.deepEqual(from("stopped", { hasText: false }), ["retry"]);
});

test("an answer cut by its length can go on, a whole one is regenerated", () => {
  assert.deepEqual(from("completed", { finishReason: "length" }), ["continue", "regenerate"]);
  assert.deepEqual(from("completed", { finishReason: "stop" }), ["regenerate"]);
  assert.equal(of("completed").notice, "");
});

test("an older answer says what happened to it, and can be given once more", () => {
  for (const status of ["completed", "stopped", "failed", "interrupted"]) {
    assert.deepEqual(from(status, { isLeaf: false, finishReason: "length" }), ["regenerate"]);
  }
  assert.notEqual(of("stopped").notice, "");
});

test("who waits is told the place in line", () => {
  assert.equal(of("pending", { position: 3 }).label, "waiting, number 3 in line");
  assert.equal(of("pending").label, "waiting…");
  assert.equal(of("streaming", { position: 3 }).label, "writing…");
});

test("only what is out of the ordinary is told of how an answer came about", () => {
  assert.deepEqual(toldOf(null), {});
  assert.deepEqual(toldOf({ replayed: false, answered_by: null, tries: 1, cut: 0 }), {});
  assert.deepEqual(toldOf({ replayed: false, answered_by: null, tries: 1, cut: 4 }), { cut: 4 });
  assert.deepEqual(toldOf({ replayed: true, answered_by: "B", tries: 2 }), { replayed: true, answered_by: "B", tries: 2 });
});
