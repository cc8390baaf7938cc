import assert from "node:assert/strict";
import test from "node:test";
import { ScrollKeeper } from "../../static/js/lib/scroll-keeper.js";

/** A pane that clamps as a browser does. */
function pane({ scrollHeight, clientHeight }) {
  let top = 0;
  return {
    scrollHeight,
    clientHeight,
    get scrollTop() {
      return top;
    },
    set scrollTop(value) {
      top = Math.max(0, Math.min(value, this.scrollHeight - this.clientHeight));
    },
  };
}

function atEnd() {
  const view = pane({ scrollHeight: 1000, clientHeight: 400 });
  const keeper = new ScrollKeeper(view);
  keeper.toEnd();
  return { view, keeper };
}

test("a reader at the end is kept at the end", () => {
  const { view, keeper } = atEnd();
  view.scrollHeight = 1200;
  keeper.resized();
  assert.equal(view.scrollTop, 800);
});

test("a reader who scrolled up, however little, is left alone", () => {
  const { view, keeper } = atEnd();
  view.scrollTop -= 10;
  keeper.scrolled();
  view.scrollHeight = 1200;
  keeper.resized();
  assert.equal(view.scrollTop, 590);
  assert.equal(keeper.following, false);
});

test("coming back near the end follows again", () => {
  const { view, keeper } = atEnd();
  view.scrollTop = 100;
  keeper.scrolled();
  view.scrollTop = 580;
  keeper.scrolled();
  assert.equal(keeper.following, true);
});

test("a text that shrinks for a moment does not count as scrolling up", () => {
  const { view, keeper } = atEnd();
  view.scrollHeight = 900;
  view.scrollTop = 500;
  keeper.scrolled();
  assert.equal(keeper.following, true);
});
