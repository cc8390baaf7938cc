import assert from "node:assert/strict";
import test from "node:test";
import "./page.mjs";

const { parseFragment } = await import("../../static/js/lib/dom.js");
const { appendPage, wayToOlder } = await import("../../static/js/lib/list-pages.js");

/** A page as the server draws it: `{ today: "ab" }` has the rows a and b under Today. */
function page(periods, older = "") {
  const rows = (ids) => [...ids].map((id) => `<li data-conversation-id="${id}"></li>`).join("");
  const lists = Object.entries(periods).map(([name, ids]) => `<h2 data-period="${name}"></h2> <ul>${rows(ids)}</ul>`);
  return parseFragment(lists.join("\n") + (older && `<a data-older href="${older}"></a>`));
}

function shown(list) {
  const headings = [...list.querySelectorAll("[data-period]")];
  const ids = (rows) => [...rows.children].map(({ dataset }) => dataset.conversationId).join("");
  return headings.map((heading) => `${heading.dataset.period} ${ids(heading.nextElementSibling)}`);
}

test("an older page goes on where the one before ended", () => {
  const list = page({ today: "ab", week: "c" }, "?before=c");
  const first = appendPage(list, page({ week: "d", older: "ef" }, "?before=f"));
  assert.deepEqual(shown(list), ["today ab", "week cd", "older ef"]);
  assert.equal(first.dataset.conversationId, "d");
  assert.equal(wayToOlder(list).getAttribute("href"), "?before=f");
  assert.equal(list.lastElementChild, wayToOlder(list));
});

test("the last page has no way on", () => {
  const list = page({ today: "a" }, "?before=a");
  appendPage(list, page({ older: "b" }));
  assert.equal(wayToOlder(list), null);
});

test("what moved up between two pages stands here once", () => {
  const list = page({ today: "ab" }, "?before=b");
  const first = appendPage(list, page({ week: "b", older: "bc" }));
  assert.deepEqual(shown(list), ["today ab", "older c"]);
  assert.equal(first.dataset.conversationId, "c");
});

test("an older page that became empty brings no word about it", () => {
  const list = page({ today: "a" }, "?before=a");
  assert.equal(appendPage(list, parseFragment("<p>Your conversations will stand here.</p>")), undefined);
  assert.deepEqual(shown(list), ["today a"]);
  assert.equal(list.querySelector("p, a"), null);
});
