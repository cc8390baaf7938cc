import assert from "node:assert/strict";
import test from "node:test";
import { standing } from "../../static/js/lib/standing.js";

const of = (status, more = {}) => standing({ status, hasText: true, finishReason: null, error: null, ...more });

test("an answer being written offers nothing yet", () => {
  const { active, notice, canContinue, canRetry, canRegenerate } = of("streaming");
  assert.deepEqual([active, notice, canContinue, canRetry, canRegenerate], [true, "", false, false, false]);
});

test("an interrupted answer says what happened and offers two ways on", () => {
  const now = of("interrupted", { error: { message: "The portal was restarted." } });
  assert.deepEqual([now.notice, now.canContinue, now.canRetry], ["The portal was restarted.", true, true]);
});

test("where nothing was written there is nothing to continue", () => {
  assert.equal(of("failed", { hasText: false }).canContinue, false);
  assert.equal(of("failed", { hasText: false }).canRetry, true);
});

test("an answer cut by its length can go on, a whole one is regenerated", () => {
  assert.equal(of("completed", { finishReason: "length" }).canContinue, true);
  assert.deepEqual([of("completed").canContinue, of("completed").canRegenerate, of("completed").notice], [false, true, ""]);
});
