import assert from "node:assert/strict";
import test from "node:test";
import { document } from "./page.mjs";

const { renderMarkdown } = await import("../../static/js/lib/markdown.js");

/** The sources of the formulas in a text; those on lines of their own in double brackets. */
function formulasIn(text) {
  const box = document.createElement("div");
  box.append(renderMarkdown(text));
  return [...box.querySelectorAll(".formula")].map((formula) =>
    formula.matches(".formula--display") ? [formula.textContent] : formula.textContent,
  );
}

test("all four ways of marking a formula", () => {
  assert.deepEqual(formulasIn("$a$ and \\(b\\), $$c$$ and \\[d\\]"), ["a", "b", ["c"], ["d"]]);
  assert.deepEqual(formulasIn("$$\na\n$$\n\n\\[\nb\n=\nc\n\\]\n\n\\[ d \\]"), [["a"], ["b\n=\nc"], ["d"]]);
  assert.deepEqual(formulasIn("- $x_1$\n- $$\n  y\n  $$\n\n> \\[z\\]"), ["x_1", ["y"], ["z"]]);
  assert.deepEqual(formulasIn("| $a_1$ | $b_2$ |\n|---|---|\n| \\(c\\) | 4 |"), ["a_1", "b_2", "c"]);
});

test("what Markdown would take for its own stays in a formula", () => {
  assert.deepEqual(formulasIn("$a_1 * b_2 * c_3$, \\(x < y \\& z\\), $\\text{a \\$ b}$"), [
    "a_1 * b_2 * c_3",
    "x < y \\& z",
    "\\text{a \\$ b}",
  ]);
});

test("formulas between Chinese words, and beside punctuation", () => {
  assert.deepEqual(formulasIn("设$x$为实数，则$f(x)=2x+1$。若 $n$-th, ($k$)"), ["x", "f(x)=2x+1", "n", "k"]);
});

const prices = [
  "$5 and $10",
  "between $5 and 10$",
  "US$3 or CA$4, or 3 US$",
  "It costs $20.",
  "$5–$10, $1,000/$2,000",
  "价格是$5和$10元，从$5到10$",
  "a $ b $ c",
  "$5 (about 4€, or 4$)",
  "\\$5 and \\$6",
  "$$ $$",
  "echo $HOME and $PATH",
];
for (const text of prices) {
  test(`no formula: ${text}`, () => assert.deepEqual(formulasIn(text), []));
}

test("numbers may begin a formula", () => {
  assert.deepEqual(formulasIn("$2xy + 1$, $5$, $3 \\times 10^8$, $10\\text{ apples}$, $0 < x$"), [
    "2xy + 1",
    "5",
    "3 \\times 10^8",
    "10\\text{ apples}",
    "0 < x",
  ]);
});

test("nothing in code", () => {
  assert.deepEqual(formulasIn("`$a$` and ``\\(b\\)``\n\n```\n$$\nc\n$$\n```\n\n    $d$\n"), []);
  assert.deepEqual(formulasIn("costs $5 `x$`"), []);
});

test("a formula that is not closed shows its source while it may still come", () => {
  const box = document.createElement("div");
  box.append(renderMarkdown("Thus\n\n$$\nx_1 = *y*"));
  assert.equal(box.querySelector(".formula--open").textContent, "$$\nx_1 = *y*");
  assert.deepEqual(formulasIn("$$\nnever closed\n\nother text"), []);
});

test("a text full of openers is read in one go", () => {
  const work = (length) => {
    const before = process.cpuUsage();
    for (const opener of ["\\(", "\\[", "$", "$$", "$a ", "$$b "]) renderMarkdown(opener.repeat(length));
    return process.cpuUsage(before).user;
  };
  work(3_000);
  assert.ok(work(30_000) < 40 * work(3_000), "ten times the text takes a hundred times the work");
});
