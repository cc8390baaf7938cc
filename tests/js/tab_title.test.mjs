import assert from "node:assert/strict";
import test from "node:test";
import { TabTitle } from "../../static/js/lib/tab-title.js";

function tab({ title = "Bread · Chat Portal", visibilityState = "hidden" } = {}) {
  const page = Object.assign(new EventTarget(), { title, visibilityState });
  return { page, tab: new TabTitle(/** @type {any} */ (page)) };
}

test("an answer that ends in the background is told by the title, once", () => {
  const { page, tab: title } = tab();
  title.mark();
  title.mark();
  assert.equal(page.title, "● Bread · Chat Portal");
  title.name("Rolls · with · dots");
  assert.equal(page.title, "● Rolls · with · dots · Chat Portal");
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(page.title, "Rolls · with · dots · Chat Portal");
});

test("one that ends in sight is not", () => {
  const { page, tab: title } = tab({ visibilityState: "visible" });
  title.mark();
  assert.equal(page.title, "Bread · Chat Portal");
});
