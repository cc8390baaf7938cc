import assert from "node:assert/strict";
import test from "node:test";
import { document } from "./page.mjs";

const { RovingRows } = await import("../../static/js/lib/roving-rows.js");

function listOf(ids, current = "") {
  const row = (id) => `<li id="${id}"><a href="#"${id === current ? ' aria-current="page"' : ""}></a><button></button></li>`;
  document.body.innerHTML = `<ul>${[...ids].map(row).join("")}</ul>`;
  const rows = new RovingRows(document.querySelector("ul"), "li");
  document.querySelector("ul").addEventListener("focusin", () => rows.settle());
  rows.settle();
  return rows;
}

const reachable = () => [...document.querySelectorAll("li")].filter((row) => !row.querySelector("[tabindex]")).map(({ id }) => id).join("");
const press = (rows, key, more = {}) => rows.key({ key, target: document.activeElement, ...more });
const focusOn = (id) => document.querySelector(`#${id} a`).focus();

test("Tab finds one row: the current one, or the first", () => {
  listOf("abc");
  assert.equal(reachable(), "a");
  listOf("abc", "b");
  assert.equal(reachable(), "b");
});

test("arrows, Home and End move between rows and stop at the ends", () => {
  const rows = listOf("abc");
  focusOn("a");
  for (const [key, at] of [["ArrowDown", "b"], ["End", "c"], ["ArrowDown", "c"], ["ArrowUp", "b"], ["Home", "a"], ["ArrowUp", "a"]]) {
    assert.ok(press(rows, key));
    assert.equal(document.activeElement.closest("li").id, at);
    assert.equal(reachable(), at);
  }
});

test("other keys and shortcuts are left alone", () => {
  const rows = listOf("ab");
  focusOn("a");
  assert.equal(press(rows, "Enter"), false);
  assert.equal(press(rows, "ArrowDown", { altKey: true }), false);
});

test("a list without the row that was left falls back to the current one", () => {
  const rows = listOf("abc", "c");
  focusOn("a");
  document.activeElement.blur();
  rows.settle();
  assert.equal(reachable(), "a");
  document.querySelector("#a").remove();
  rows.settle();
  assert.equal(reachable(), "c");
});

test("where rows have no link, their first button is reached", () => {
  const rows = listOf("abc");
  for (const link of document.querySelectorAll("a")) link.remove();
  rows.settle();
  document.querySelector("#a button").focus();
  assert.ok(press(rows, "ArrowDown"));
  assert.equal(document.activeElement, document.querySelector("#b button"));
  assert.equal(reachable(), "b");
});
