import assert from "node:assert/strict";
import test from "node:test";

const { modeOf, Typewriter } = await import("../../static/js/lib/typewriter.js");

/** Writes `text` in pieces of `size` every `every` ms, and looks each 10 ms. Yields [now, come, shown]. */
function* typed(mode, text, size, every) {
  const typewriter = new Typewriter(mode);
  let come = "";
  for (let now = 0; now < 60_000 && (come.length < text.length || typewriter.isBehind); now += 10) {
    if (now % every === 0 && come.length < text.length) typewriter.write((come = text.slice(0, come.length + size)), now);
    yield [now, come, typewriter.shownAt(now)];
  }
}

test("at once: as it comes", () => {
  for (const [, come, shown] of typed("at_once", "abc".repeat(50), 7, 50)) assert.equal(shown, come);
});

test("whole: nothing until it is finished", () => {
  for (const [, , shown] of typed("whole", "abc".repeat(50), 7, 50)) assert.equal(shown, "");
});

for (const [size, every] of [[3, 10], [40, 500], [400, 1000], [1, 200]]) {
  test(`smooth: each letter half a second late at most, ${size} letters each ${every} ms`, () => {
    const text = "x".repeat(Math.min(1200, size * 60));
    const history = [...typed("smooth", text, size, every)];
    assert.equal(history.at(-1)[2], text);
    for (const [now, come] of history) {
      const later = history.find(([then]) => then >= now + 500) ?? history.at(-1);
      assert.ok(later[2].length >= come.length, `at ${now}: ${later[2].length} of ${come.length}`);
    }
  });
}

test("smooth: letters are spread over time", () => {
  const steps = [...typed("smooth", "y".repeat(400), 40, 500)].map(([, , shown]) => shown.length);
  const jumps = steps.slice(1).map((length, index) => length - steps[index]);
  assert.ok(Math.max(...jumps) <= 4, `at most ${Math.max(...jumps)} at a time`);
});

test("smooth: no letter is cut in two", () => {
  const letters = ["👩‍👩‍👧", "é", "🇩🇪", "中", "👍🏽", "a"];
  const whole = new Set([""]);
  const text = Array.from({ length: 60 }, (_, i) => letters[i % letters.length]).join("");
  for (let i = 0, sum = ""; i < 60; i += 1) whole.add((sum += letters[i % letters.length]));
  for (const [, come, shown] of typed("smooth", text, 90, 200)) {
    assert.ok(whole.has(shown) || shown === come, JSON.stringify(shown.slice(-8)));
  }
});

test("a text that is another one starts where both are alike", () => {
  const typewriter = new Typewriter("smooth");
  typewriter.jump("one two");
  typewriter.write("one more", 0);
  assert.equal(typewriter.shownAt(0), "one ");
  assert.equal(typewriter.shownAt(1000), "one more");
});

test("what stands there, or is finished, is shown at once", () => {
  const typewriter = new Typewriter("smooth");
  typewriter.write("a long text", 0);
  typewriter.jump("a long text, finished");
  assert.equal(typewriter.shownAt(1), "a long text, finished");
  assert.equal(typewriter.isBehind, false);
});

test("what the reader chose; less motion means none", () => {
  assert.equal(modeOf("smooth", false), "smooth");
  assert.equal(modeOf("smooth", true), "at_once");
  assert.equal(modeOf("whole", true), "whole");
  assert.equal(modeOf(undefined, false), "at_once");
  assert.equal(modeOf("nonsense", false), "at_once");
});
