import assert from "node:assert/strict";
import test from "node:test";
import { estimateTokens, gauge } from "../../static/js/lib/gauge.js";

const counted = (more) => ({ window: 100, room: 20, system: 10, earlier: [30, 20, 10], uncounted: 0, ...more });

test("tokens are estimated as the server estimates them", () => {
  assert.equal(estimateTokens(""), 0);
  assert.equal(estimateTokens("abcd"), 1);
  assert.equal(estimateTokens("abcde"), 2);
  assert.equal(estimateTokens("今天天气"), 4);
  assert.equal(estimateTokens("🙂🙂🙂🙂"), 1);
});

test("all fits, or the oldest does not", () => {
  assert.deepEqual(gauge(counted({}), ""), { tokens: 70, cut: 0, share: 70 / 80 });
  assert.deepEqual(gauge(counted({}), "x".repeat(40)), { tokens: 54, cut: 1, share: 54 / 80 });
});

test("what was not counted does not fit either", () => {
  assert.equal(gauge(counted({ uncounted: 900 }), "").cut, 900);
});

test("a window that is not known cuts nothing", () => {
  assert.deepEqual(gauge(counted({ window: null }), ""), { tokens: 70, cut: 0, share: null });
});

test("a draft that is too long by itself fills the gauge", () => {
  assert.deepEqual(gauge(counted({}), "x".repeat(4000)), { tokens: 1014, cut: 3, share: 1 });
});
