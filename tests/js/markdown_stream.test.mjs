import assert from "node:assert/strict";
import test from "node:test";
import { document, html } from "./page.mjs";
import { samples } from "./samples.mjs";

const { renderMarkdown, normalise } = await import("../../static/js/lib/markdown.js");
const { MarkdownStream } = await import("../../static/js/lib/markdown-stream.js");

const whole = (text) => html(renderMarkdown(normalise(text)));

for (const [name, text] of Object.entries(samples)) {
  test(`in pieces as at once, at every prefix: ${name}`, () => {
    const box = document.createElement("div");
    const stream = new MarkdownStream(box);
    for (let end = 1; end <= text.length; end += 1) {
      stream.update(text.slice(0, end));
      assert.equal(box.innerHTML, whole(text.slice(0, end)), JSON.stringify(text.slice(0, end)));
    }
    stream.finish(text);
    assert.equal(box.innerHTML, whole(text));
  });
}

test("in pieces as at once for documents put together at random", () => {
  const parts = Object.values(samples);
  let seed = 7;
  const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  for (let round = 0; round < 60; round += 1) {
    const text = Array.from({ length: 3 }, () => parts[random(parts.length)]).join(["\n", "\n\n", ""][random(3)]);
    const box = document.createElement("div");
    const stream = new MarkdownStream(box);
    for (let end = 0; end < text.length; end += 1 + random(23)) stream.update(text.slice(0, end));
    stream.finish(text);
    assert.equal(box.innerHTML, whole(text), JSON.stringify(text));
  }
});

test("finished blocks stay the same nodes", () => {
  const box = document.createElement("div");
  const stream = new MarkdownStream(box);
  stream.update("# Title\n\nFirst.\n\nSecond,\nhalf");
  const [title, , first] = box.childNodes;
  stream.update("# Title\n\nFirst.\n\nSecond,\nhalf.\n\nThird");
  assert.equal(box.childNodes[0], title);
  assert.equal(box.childNodes[2], first);
});

test("a text that was replaced starts over", () => {
  const box = document.createElement("div");
  const stream = new MarkdownStream(box);
  stream.update("one\n\ntwo\n\nthree\n\n");
  stream.update("other\n\ntext");
  assert.equal(box.innerHTML, whole("other\n\ntext"));
});

test("a long answer is not parsed again for every delta", () => {
  const box = document.createElement("div");
  let settled = 0;
  const stream = new MarkdownStream(box, (nodes, done) => {
    if (done) settled += nodes.length;
  });
  let text = "";
  for (let i = 0; i < 200; i += 1) stream.update((text += `Paragraph ${i} of many.\n\n`));
  stream.finish(text);
  assert.ok(settled <= box.childNodes.length + 2, `${settled} nodes settled for ${box.childNodes.length}`);
});

test("a block of code that was being written stays the same nodes when it is closed, however it ends", () => {
  for (const end of ["```", "```\n", "```\n\nmore", "``` \n\n# more\n\ntext\n"]) {
    const box = document.createElement("div");
    const stream = new MarkdownStream(box);
    let text = "before\n\n```js\nlet a";
    stream.update(text);
    const code = box.querySelector("code");
    stream.update((text += " = 1;\nlet b;\n"));
    stream.update((text += "let c;\n`"));
    stream.update((text = text.slice(0, -1) + end));
    assert.equal(box.innerHTML, whole(text));
    stream.finish(text);
    assert.equal(box.innerHTML, whole(text));
    assert.equal(box.querySelector("code"), code, end);
  }
  const box = document.createElement("div");
  const stream = new MarkdownStream(box);
  stream.update("```js\nlet a");
  const code = box.querySelector("code");
  stream.finish("```js\nlet a = 1;");
  assert.equal(box.querySelector("code"), code);
});
