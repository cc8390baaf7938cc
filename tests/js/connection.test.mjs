import assert from "node:assert/strict";
import test from "node:test";
import { delayAfter } from "../../static/js/socket/backoff.js";
import { Connection } from "../../static/js/socket/connection.js";

/** A world with its own clock and sockets. */
function world() {
  const timers = new Map();
  const sockets = [];
  let now = 0;
  let last = 0;
  return {
    sockets,
    WebSocket: class {
      sent = [];
      constructor(url) {
        this.url = url;
        sockets.push(this);
      }
      send(text) {
        this.sent.push(JSON.parse(text));
      }
      close() {
        this.closed = true;
      }
      says(event) {
        this.onmessage({ data: JSON.stringify(event) });
      }
    },
    setTimeout: (work, delay) => timers.set((last += 1), { work, at: now + delay }) && last,
    clearTimeout: (id) => timers.delete(id),
    now: () => now,
    random: () => 1,
    pass(milliseconds) {
      now += milliseconds;
      for (const [id, { work, at }] of [...timers]) if (at <= now && timers.delete(id)) work();
    },
  };
}

function opened() {
  const around = world();
  const line = new Connection("ws://portal.test/ws/", around);
  line.open();
  around.sockets[0].says({ type: "welcome", protocol: 1 });
  return { around, line };
}

test("waits grow, are jittered and have a longest", () => {
  assert.equal(delayAfter(0, () => 1), 500);
  assert.equal(delayAfter(0, () => 0), 250);
  assert.equal(delayAfter(3, () => 1), 4000);
  assert.equal(delayAfter(30, () => 1), 15000);
});

test("is open when welcomed, and hands events on", () => {
  const { around, line } = opened();
  const heard = [];
  line.addEventListener("event", ({ detail }) => heard.push(detail.type));
  around.sockets[0].says({ type: "delta" });
  assert.equal(line.state, "open");
  assert.deepEqual(heard, ["delta"]);
});

test("comes back after a broken line, later each time", () => {
  const { around } = opened();
  around.sockets[0].onclose({ code: 1006 });
  around.pass(500);
  assert.equal(around.sockets.length, 2);
  around.sockets[1].onclose({ code: 1006 });
  around.pass(500);
  assert.equal(around.sockets.length, 2);
  around.pass(500);
  assert.equal(around.sockets.length, 3);
});

test("a silent line is a dead line", () => {
  const { around, line } = opened();
  around.pass(44_000);
  around.sockets[0].says({ type: "heartbeat" });
  around.pass(44_000);
  assert.equal(line.state, "open");
  around.pass(1_000);
  assert.equal(line.state, "waiting");
  assert.ok(around.sockets[0].closed);
});

test("a restart is tried at once, but not by all at the same instant", () => {
  const { around, line } = opened();
  line.failures = 6;
  around.sockets[0].onclose({ code: 1012 });
  around.pass(500);
  assert.equal(around.sockets.length, 2);
});

test("a log-in that ended is not knocked at", () => {
  const { around, line } = opened();
  let told = 0;
  line.addEventListener("loggedout", () => (told += 1));
  around.sockets[0].onclose({ code: 4401 });
  around.pass(60_000);
  assert.deepEqual([told, around.sockets.length, line.state], [1, 1, "closed"]);
});

test("waking does not wait for the timer", () => {
  const { around, line } = opened();
  around.sockets[0].onclose({ code: 1006 });
  line.wake();
  assert.equal(around.sockets.length, 2);
});

test("a late word from a dropped socket does not count", () => {
  const { around, line } = opened();
  around.pass(45_000);
  around.pass(500);
  around.sockets[1].says({ type: "welcome" });
  around.sockets[0].onclose({ code: 1006 });
  assert.equal(line.state, "open");
});
