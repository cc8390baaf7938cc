import assert from "node:assert/strict";
import test from "node:test";
import { document, html } from "./page.mjs";

const { renderMarkdown, sanitise } = await import("../../static/js/lib/markdown.js");
const render = (text) => html(renderMarkdown(text));

const attacks = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)><script>alert(1)</script></svg>",
  "<svg><style><img src=x onerror=alert(1)></style></svg>",
  "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java\nscript:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](vbscript:msgbox(1))",
  "[x](//evil.test)",
  "[x](/admin/logout)",
  "![x](data:image/svg+xml;base64,PHN2Zy8+)",
  "![x](https://evil.test/pixel.png)",
  '![x" onerror="alert(1)](https://evil.test/x)',
  '[x](https://e.test "a\\" onmouseover=\\"alert(1)")',
  "[a]: javascript:alert(1)\n\n[a]",
  "<javascript:alert(1)>",
  '```"><script>alert(1)</script>\ncode\n```',
  "```x onload=alert(1)\ncode\n```",
  "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
  "<form action=https://evil.test><input name=a></form>",
  "<a href=\"javascript:alert(1)\">x</a>",
  "<div style=\"background:url(javascript:alert(1))\">",
  "<base href=https://evil.test/>",
  "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
  "| <img src=x onerror=alert(1)> |\n|:-:|\n| <b onclick=alert(1)>x</b> |",
  "> - <details open ontoggle=alert(1)>",
];

/** Whether a tree holds anything that could act. */
function dangers(root) {
  const found = [];
  for (const element of root.querySelectorAll("*")) {
    if (/^(script|style|iframe|img|svg|math|form|input|base|object|embed|link|meta)$/i.test(element.localName)) {
      found.push(element.localName);
    }
    for (const { name, value } of element.attributes) {
      if (/^on|^style$|^id$|^name$|^src/.test(name)) found.push(`${name}=${value}`);
      if (name === "href" && !/^(https?:|mailto:)/.test(value)) found.push(`${name}=${value}`);
    }
  }
  return found;
}

for (const attack of attacks) {
  test(`harmless as Markdown and as HTML: ${JSON.stringify(attack)}`, () => {
    for (const fragment of [renderMarkdown(attack), sanitise(attack)]) {
      const box = document.createElement("div");
      box.append(fragment);
      assert.deepEqual(dangers(box), []);
    }
  });
}

test("links open elsewhere and tell nobody where from", () => {
  const box = document.createElement("div");
  box.append(renderMarkdown("[a](https://a.test) <mailto:a@b.test> https://c.test"));
  const links = [...box.querySelectorAll("a")];
  assert.equal(links.length, 3);
  for (const link of links) {
    assert.equal(link.target, "_blank");
    assert.match(link.rel, /noopener/);
  }
});

test("an image becomes a link, for a remote one would tell its server who reads", () => {
  assert.match(render("![a cat](https://e.test/cat.png)"), /<a [^>]*href="https:\/\/e.test\/cat.png"[^>]*>a cat<\/a>/);
  assert.equal(render("![a cat](data:image/png;base64,AAAA)"), '<p dir="auto">a cat</p>\n');
});

test("Chinese emphasis closes beside its punctuation", () => {
  assert.equal(render("**中文。**字"), '<p dir="auto"><strong>中文。</strong>字</p>\n');
});

test("a table's alignment is a class, for the page's policy refuses styles", () => {
  assert.match(render("| a |\n|--:|\n| 1 |"), /<td dir="auto" class="align-right">1<\/td>/);
});

test("file names are not links", () => {
  assert.equal(render("see README.md"), '<p dir="auto">see README.md</p>\n');
});

test("entities are decoded by the browser's own table, and only whole ones", () => {
  assert.equal(render("&copy; &ngE; &AMP; &notit; &semi; &#65; &nope;"), '<p dir="auto">© ≧̸ &amp; &amp;notit; ; A &amp;nope;</p>\n');
  assert.equal(render("&lt;script&gt;"), '<p dir="auto">&lt;script&gt;</p>\n');
});
