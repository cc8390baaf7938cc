import assert from "node:assert/strict";
import test from "node:test";

const { SpokenAnswer } = await import("../../static/js/lib/spoken-answer.js");

const TEXT = `# Sorting

Sort by the **key** first, e.g. by name. Python's sort is \`stable\`; see [the docs](https://example.com/a_b "Docs").
It goes on in a second line. And_so_on, *truly*!

- first item
- [x] second item

| a | b |
|---|---|
| 1 | **2** |

\`\`\`python
def f():
    return "A sentence. Another one."
\`\`\`

先排序。然后比较！好吗？[^1]

~~~
no language
~~~

The end`;
const SENTENCES = [
  "Sorting",
  "Sort by the key first, e.g. by name.",
  "Python's sort is stable; see the docs.",
  "It goes on in a second line.",
  "And_so_on, truly!",
  "first item",
  "second item",
  "a, b",
  "1, 2",
  "Code: python.",
  "先排序。",
  "然后比较！",
  "好吗？",
  "Code.",
  "The end",
];

/** All that is told of a text that comes in pieces of a size. */
function told(text, size) {
  const spoken = new SpokenAnswer();
  const sentences = [];
  for (let end = size; end < text.length; end += size) sentences.push(...spoken.hear(text.slice(0, end), false));
  return [...sentences, ...spoken.hear(text, true)];
}

for (const size of [1, 2, 3, 7, 40, 10_000]) {
  test(`whole sentences without marks, in pieces of ${size}`, () => assert.deepEqual(told(TEXT, size), SENTENCES));
}

test("a sentence is told when it is over, and not before", () => {
  const spoken = new SpokenAnswer();
  assert.deepEqual(spoken.hear("I begin", false), []);
  assert.deepEqual(spoken.hear("I begin here. And", false), ["I begin here."]);
  assert.deepEqual(spoken.hear("I begin here. And go on", false), []);
  assert.deepEqual(spoken.hear("I begin here. And go on", true), ["And go on"]);
  assert.deepEqual(spoken.hear("I begin here. And go on", true), []);
});

test("what stood there before is not told", () => {
  const spoken = new SpokenAnswer("Said already. ");
  assert.deepEqual(spoken.hear("Said already. And more.", true), ["And more."]);
  const inCode = new SpokenAnswer("```js\nlet a;\n");
  assert.deepEqual(inCode.hear("```js\nlet a;\nlet b;\n```\nSo much. For", false), ["So much."]);
});

test("another answer in its place is passed over as far as it stands", () => {
  const spoken = new SpokenAnswer();
  spoken.hear("One thing. Another", false);
  assert.deepEqual(spoken.hear("Something else. Said", false), []);
  assert.deepEqual(spoken.hear("Something else. Said now. Yes", false), ["now."]);
});

test("many short pieces of a long answer cost little", () => {
  const paragraph = "A sentence of some words, which ends here. ".repeat(20) + "\n\n";
  const text = paragraph.repeat(100);
  const spoken = new SpokenAnswer();
  let count = 0;
  for (let end = 0; end < text.length; end += 400) count += spoken.hear(text.slice(0, end), false).length;
  count += spoken.hear(text, true).length;
  assert.equal(count, 2000);
});
