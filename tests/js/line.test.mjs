import assert from "node:assert/strict";
import test from "node:test";
import { Line } from "../../static/js/socket/line.js";

/** A world with its own clock, and lines of both kinds that the test answers for. */
function world({ hidden = false } = {}) {
  const timers = new Map();
  let now = 0;
  let last = 0;
  const opener = (opened) =>
    class {
      constructor(url) {
        this.url = url;
        opened.push(this);
      }
      send(text) {
        this.sent = JSON.parse(text);
      }
      close() {
        this.closed = true;
      }
      welcomes(seconds) {
        this.onmessage({ data: JSON.stringify({ type: "welcome", heartbeat_seconds: seconds }) });
      }
      breaks(code = 1006) {
        this.onclose({ code });
      }
    };
  const around = {
    sockets: [],
    streams: [],
    hidden,
    setTimeout: (work, delay) => timers.set((last += 1), { work, at: now + delay }) && last,
    clearTimeout: (id) => timers.delete(id),
    now: () => now,
    random: () => 1,
    isHidden: () => around.hidden,
    pass(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const next = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
        if (!next) break;
        timers.delete(next[0]);
        now = next[1].at;
        next[1].work();
      }
      now = end;
    },
  };
  around.WebSocket = opener(around.sockets);
  around.Stream = opener(around.streams);
  return around;
}

function opened(options) {
  const around = world(options);
  const line = new Line({ socketUrl: "ws://portal.test/ws/", streamUrl: () => "/stream/" }, around);
  const said = [];
  line.addEventListener("state", ({ detail }) => said.push(detail));
  line.open();
  return { around, line, said };
}

/** Where no socket gets through. */
function streaming(options) {
  const all = opened(options);
  all.around.sockets[0].breaks();
  all.around.streams[0].welcomes(5);
  return all;
}

test("a socket that opens is all it takes", () => {
  const { around, line } = opened();
  around.sockets[0].welcomes(20);
  around.pass(10_000);
  assert.deepEqual([line.state, around.streams.length], ["socket", 0]);
});

test("where the first socket fails, a stream is opened at once", () => {
  const { around, line, said } = streaming();
  assert.equal(line.state, "stream");
  assert.deepEqual(said, ["connecting", "waiting", "stream"]);
  assert.equal(around.sockets.length, 2, "the socket is tried once more: the portal may have just come back");
});

test("a socket that something holds is not waited for", () => {
  const { around, line } = opened();
  around.pass(3000);
  around.streams[0].welcomes(5);
  assert.equal(line.state, "stream");
});

test("while the stream works, the socket is tried ever more seldom", () => {
  const { around } = streaming();
  const beat = () => around.streams[0].onmessage({ data: '{"type":"heartbeat"}' });
  for (let seconds = 0; seconds < 600; seconds += 5) {
    around.pass(5000);
    beat();
    for (const socket of around.sockets) socket.breaks();
  }
  assert.ok(around.sockets.length < 20, `${around.sockets.length} tries in ten minutes`);
  assert.equal(around.streams.length, 1);
});

test("a socket that gets through after all takes over", () => {
  const { around, line } = streaming();
  around.sockets[1].welcomes(20);
  assert.equal(line.state, "socket");
  assert.ok(around.streams[0].closed);
  around.pass(30_000);
  assert.equal(around.streams.length, 1);
});

test("a socket that was open has one try of its own before a stream is opened", () => {
  const { around } = opened();
  around.sockets[0].welcomes(20);
  around.sockets[0].breaks(1012);
  assert.equal(around.streams.length, 0);
  around.pass(500);
  around.sockets[1].breaks();
  assert.equal(around.streams.length, 1);
});

test("a stream that brings nothing is let go, and asked for again later", () => {
  const { around, line } = opened();
  around.sockets[0].breaks();
  around.pass(6000);
  assert.ok(around.streams[0].closed);
  assert.notEqual(line.state, "stream");
  around.pass(20_000);
  assert.ok(around.streams.length > 1);
});

test("so is one that falls silent", () => {
  const { around, line } = streaming();
  around.sockets[1].breaks();
  around.pass(11_000);
  assert.equal(line.state, "stream");
  around.pass(1000);
  assert.notEqual(line.state, "stream");
});

test("a page that nobody looks at keeps no stream", () => {
  const { around, line } = streaming();
  around.sockets[1].breaks();
  around.hidden = true;
  line.rest();
  assert.ok(around.streams[0].closed);
  around.pass(60_000);
  assert.equal(around.streams.length, 1);
  around.hidden = false;
  line.wake();
  assert.equal(around.streams.length, 2);
});

test("a log-in that ended is told once, and neither way is tried again", () => {
  const { around, line } = streaming();
  let told = 0;
  line.addEventListener("loggedout", () => (told += 1));
  around.streams[0].breaks(4401);
  around.pass(60_000);
  assert.deepEqual([told, line.state, around.streams.length], [1, "closed", 1]);
});
