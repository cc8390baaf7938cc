import assert from "node:assert/strict";
import test from "node:test";
import { Transcript } from "../../static/js/lib/transcript.js";

const delta = (sequence, text, { part = "text", operation = "append" } = {}) => ({ sequence, part, operation, text });
const fresh = (more = {}) => new Transcript({ generation: "g", sequence: 0, ...more });

test("deltas in order make the text", () => {
  const answer = fresh();
  assert.equal(answer.apply(delta(1, "Hel")), "appended");
  assert.equal(answer.apply(delta(2, "lo")), "appended");
  assert.equal(answer.text, "Hello");
});

test("what was seen is dropped", () => {
  const answer = fresh();
  answer.apply(delta(1, "a"));
  assert.equal(answer.apply(delta(1, "a")), "seen");
  assert.equal(answer.text, "a");
});

test("a hole is a gap and changes nothing", () => {
  const answer = fresh();
  assert.equal(answer.apply(delta(2, "b")), "gap");
  assert.equal(answer.text, "");
  assert.equal(answer.position, 0);
});

test("a snapshot of what stands here already brings nothing", () => {
  const standing = { generation: "g", sequence: 3, text: "Hello", reasoning: "" };
  const answer = fresh(standing);
  assert.equal(answer.holds(standing), true);
  for (const other of [{ generation: "h" }, { sequence: 4 }, { text: "Hello!" }, { reasoning: "Hm" }]) {
    assert.equal(answer.holds({ ...standing, ...other }), false);
  }
  answer.apply(delta(4, "Hullo", { operation: "replace" }));
  assert.equal(answer.holds(standing), false, "a lost one wants to be told");
});

test("a snapshot closes the gap", () => {
  const answer = fresh();
  answer.begin({ generation: "g", sequence: 5, text: "abcde", reasoning: "" });
  assert.equal(answer.apply(delta(5, "e")), "seen");
  assert.equal(answer.apply(delta(6, "f")), "appended");
  assert.equal(answer.text, "abcdef");
});

test("reasoning and text grow apart", () => {
  const answer = fresh();
  answer.apply(delta(1, "hm", { part: "reasoning" }));
  answer.apply(delta(2, "yes"));
  assert.deepEqual([answer.reasoning, answer.text], ["hm", "yes"]);
});

test("replace leaves what stood before a Continue", () => {
  const answer = fresh({ text: "Before. " });
  answer.apply(delta(1, "wrong"));
  assert.equal(answer.apply(delta(2, "right", { operation: "replace" })), "appended");
  assert.equal(answer.text, "Before. right");
});

test("replace after a later snapshot of the same generation still knows where it began", () => {
  const answer = fresh({ text: "Before. " });
  answer.begin({ generation: "g", sequence: 3, text: "Before. abc", reasoning: "" });
  answer.apply(delta(4, "x", { operation: "replace" }));
  assert.equal(answer.text, "Before. x");
});

test("who came late asks for a whole snapshot when a replace comes", () => {
  const answer = new Transcript({ generation: "g", sequence: 4, text: "Before. abc" });
  assert.equal(answer.apply(delta(5, "x", { operation: "replace" })), "gap");
  assert.equal(answer.position, null);
  answer.begin({ generation: "g", sequence: 5, text: "Before. x", reasoning: "" });
  assert.equal(answer.position, 5);
});

test("a surrogate pair split across deltas becomes whole", () => {
  const answer = fresh();
  answer.apply(delta(1, "\ud83d"));
  answer.apply(delta(2, "\ude00"));
  assert.equal(answer.text, "😀");
});
