import assert from "node:assert/strict";
import test from "node:test";
import { document } from "./page.mjs";

document.body.append(
  Object.assign(document.createElement("template"), {
    id: "code-header",
    innerHTML:
      '<div class="code__header"><span class="code__language"></span><button data-code="wrap"></button><button data-code="download"></button></div>',
  }),
);
const { dressCode } = await import("../../static/js/lib/code-blocks.js");
const { renderMarkdown } = await import("../../static/js/lib/markdown.js");

/** Shows a text as a finished message does, and waits until it is coloured. */
async function shown(text) {
  const box = document.createElement("div");
  box.append(renderMarkdown(text));
  dressCode([...box.children], true);
  const before = box.innerHTML;
  for (let i = 0; i < 100 && box.innerHTML === before; i += 1) await new Promise((done) => setTimeout(done, 10));
  return box;
}

test("a block says its language and is coloured without styles", async () => {
  const box = await shown("```py\ndef greet():\n    return '<b>'\n```");
  assert.equal(box.querySelector(".code__language").textContent, "py");
  assert.equal(box.querySelector(".hljs-keyword").textContent, "def");
  assert.equal(box.querySelector("code").textContent, "def greet():\n    return '<b>'\n");
  assert.equal(box.querySelector("[style]"), null);
});

test("a block in a list is dressed, too", async () => {
  const box = await shown("- x\n\n  ```json\n  [1]\n  ```");
  assert.ok(box.querySelector("li .code pre code.hljs"));
});

test("an unknown language stays plain", async () => {
  const box = await shown("```constructor\nx\n```");
  assert.equal(box.querySelector("code").innerHTML, "x\n");
});

test("an open block is framed, and coloured when it is finished", () => {
  const box = document.createElement("div");
  box.append(renderMarkdown("```js\nlet a"));
  dressCode([...box.children], false);
  assert.ok(box.querySelector(".code pre"));
  assert.equal(box.querySelector("code.hljs"), null);
});
