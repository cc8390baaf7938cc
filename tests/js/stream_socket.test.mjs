import assert from "node:assert/strict";
import test from "node:test";
import { StreamSocket } from "../../static/js/socket/stream-socket.js";

/** What a page hears of a response that comes in these pieces. */
async function hearing(pieces, init = {}) {
  const encoded = pieces.map((piece) => (typeof piece === "string" ? new TextEncoder().encode(piece) : piece));
  const headers = { "Content-Type": "text/event-stream; charset=utf-8" };
  globalThis.fetch = async () => new Response(ReadableStream.from(encoded), { headers, ...init });
  const heard = [];
  const socket = new StreamSocket("/stream/");
  socket.onmessage = ({ data }) => heard.push(data);
  const code = await new Promise((resolve) => (socket.onclose = (event) => resolve(event.code)));
  return { heard, code };
}

test("events are put together from whatever pieces they come in", async () => {
  const { heard, code } = await hearing(['data: {"a', '":1}\n', '\ndata: {"b":2}\n\ndata: {"c":3}\n\n', ": a word\n\n"]);
  assert.deepEqual(heard, ['{"a":1}', '{"b":2}', '{"c":3}']);
  assert.equal(code, 1006);
});

test("a character that is cut in two is whole again", async () => {
  const bytes = new TextEncoder().encode('data: "面包"\n\n');
  const { heard } = await hearing([bytes.slice(0, 8), bytes.slice(8)]);
  assert.deepEqual(heard, ['"面包"']);
});

test("half an event at a broken line is no event", async () => {
  assert.deepEqual((await hearing(['data: {"a":1}\n\ndata: {"b"'])).heard, ['{"a":1}']);
});

test("the portal's last word is the code", async () => {
  const { heard, code } = await hearing(['data: {"type":"closing","code":1012}\n\n']);
  assert.deepEqual([heard, code], [[], 1012]);
});

test("a log-in that ended, too many pages, and a page of somebody's", async () => {
  assert.equal((await hearing([], { status: 401 })).code, 4401);
  assert.equal((await hearing([], { status: 429 })).code, 1013);
  assert.equal((await hearing(["<p>"], { headers: { "Content-Type": "text/html" } })).code, 1006);
  assert.equal((await hearing([], { status: 502 })).code, 1006);
});

test("no network, and closing it from here", async () => {
  globalThis.fetch = async (_url, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const socket = new StreamSocket("/stream/");
  const closed = new Promise((resolve) => (socket.onclose = resolve));
  socket.close();
  assert.deepEqual(await closed, { code: 1006 });
});
