import assert from "node:assert/strict";
import { test } from "node:test";
import { TemplateFinder, queryIn } from "../../static/js/lib/template-finder.js";

const entry = (title) => ({ title, excerpt: "", is_shared: false, url: `/${title}` });
const finder = (...titles) => {
  const made = new TemplateFinder();
  made.take(titles.map(entry));
  return made;
};
const titles = ({ found }) => found.map(({ title }) => title);

test("a slash at the beginning asks, anything else does not", () => {
  assert.equal(queryIn("/"), "");
  assert.equal(queryIn("/sum it"), "sum it");
  for (const message of ["", "sum", " /sum", "and/or", "/usr/bin\nand more"]) assert.equal(queryIn(message), null);
});

test("titles are found by any part of them, in any case", () => {
  const all = finder("Summary", "A short summary", "Übersetzung", "翻译成英文", "總結文章");
  for (const [query, found] of [
    ["", ["Summary", "A short summary", "Übersetzung", "翻译成英文", "總結文章"]],
    ["SUMM", ["Summary", "A short summary"]],
    ["übers", ["Übersetzung"]],
    ["英文", ["翻译成英文"]],
    [" 總結 ", ["總結文章"]],
    ["Ｓｕｍ", ["Summary", "A short summary"]],
    ["nothing", []],
  ]) {
    all.look(query);
    assert.deepEqual(titles(all), found, query);
  }
});

test("those that begin with it come first, else the order stays", () => {
  const all = finder("The mail", "A mail", "Mail", "Mailbox");
  all.look("mail");
  assert.deepEqual(titles(all), ["Mail", "Mailbox", "The mail", "A mail"]);
});

test("the arrows go round", () => {
  const all = finder("One", "Two", "Three");
  assert.equal(all.chosen.title, "One");
  all.move(-1);
  assert.equal(all.chosen.title, "Three");
  all.move(1);
  all.move(1);
  assert.equal(all.chosen.title, "Two");
});

test("another query begins at the top again", () => {
  const all = finder("One", "Two", "Three");
  all.move(1);
  all.look("t");
  assert.equal(all.chosen.title, "Two");
  assert.equal(all.active, 0);
});

test("a list that arrives while one chooses keeps what is active", () => {
  const all = finder("One", "Two");
  all.move(1);
  all.take(["A new one", "One", "Two"].map(entry));
  assert.equal(all.chosen.title, "Two");
});

test("nothing is chosen where nothing is found, and no more than fifty are shown", () => {
  const none = finder();
  none.move(1);
  assert.equal(none.chosen, undefined);
  const many = finder(...Array.from({ length: 2000 }, (_, number) => `Title ${number}`));
  assert.equal(many.found.length, 50);
});
