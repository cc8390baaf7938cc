import assert from "node:assert/strict";
import test from "node:test";

const { Thinking } = await import("../../static/js/lib/thinking.js");

test("counted from the first thought to the first words", () => {
  const thinking = new Thinking("");
  assert.equal(thinking.label(true), "Thinking…");
  thinking.hear("reasoning", 1_000);
  thinking.hear("reasoning", 9_000);
  assert.equal(thinking.label(true), "Thinking…");
  thinking.hear("text", 13_200);
  thinking.hear("text", 90_000);
  assert.equal(thinking.label(true), "Thought for 12 s");
});

test("what the server counted counts", () => {
  const thinking = new Thinking("");
  thinking.hear("reasoning", 0);
  thinking.hear("text", 3_000);
  thinking.know(75);
  assert.equal(thinking.label(false), "Thought for 1 min 15 s");
  thinking.know(null);
  assert.equal(thinking.label(false), "Thought for 1 min 15 s");
  assert.equal(new Thinking("4").label(false), "Thought for 4 s");
  assert.equal(new Thinking("0").label(false), "Thought for a moment");
});

test("stopped before it came to words", () => {
  const thinking = new Thinking("");
  thinking.hear("reasoning", 0);
  assert.equal(thinking.label(false), "Thought");
});
