import assert from "node:assert/strict";
import test from "node:test";
import "./page.mjs";

globalThis.location = window.location;
const { Subscription } = await import("../../static/js/socket/subscription.js");

/** A page at its conversation, the sockets it opened, and when it was told that news may have passed it by. */
function following() {
  const sockets = [];
  globalThis.WebSocket = class {
    sent = [];
    constructor() {
      sockets.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {}
    says(type) {
      this.onmessage({ data: JSON.stringify({ type, conversation: "c", leaf: null }) });
    }
  };
  const where = { socketUrl: "/ws/", streamUrl: "/stream/", eventsUrl: "", conversationId: "c" };
  const line = new Subscription(where, () => []);
  const missed = [];
  line.addEventListener("missed", ({ detail }) => missed.push(detail.again));
  line.start();
  return { line, sockets, missed };
}

test("each opening says that news may have been missed, and whether it is the first", (t) => {
  const { line, sockets, missed } = following();
  t.after(() => line.stop());
  sockets[0].says("welcome");
  sockets[0].says("joined");
  assert.deepEqual(missed, [false]);
  sockets[0].onclose({ code: 1006 });
  line.line.wake();
  sockets[1].says("welcome");
  sockets[1].says("joined");
  assert.deepEqual(missed, [false, true]);
  assert.deepEqual(sockets[1].sent, [{ type: "join", conversation: "c", positions: {} }]);
});

test("so does a catch-up that nobody asked for", (t) => {
  const { line, sockets, missed } = following();
  t.after(() => line.stop());
  sockets[0].says("welcome");
  sockets[0].says("joined");
  line.join();
  sockets[0].says("joined");
  assert.deepEqual(missed, [false]);
  sockets[0].says("joined");
  assert.deepEqual(missed, [false, true]);
});
