import assert from "node:assert/strict";
import test from "node:test";
import "./page.mjs";

const { Poller } = await import("../../static/js/socket/poller.js");

/** A portal that answers each question by `answer(url)`. */
function asking(answer, wanted = []) {
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    return answer(url);
  };
  const heard = [];
  const poller = new Poller("/events/", () => wanted, (event) => heard.push(event));
  const said = [];
  for (const name of ["answered", "unanswered", "loggedout"]) {
    poller.addEventListener(name, ({ detail }) => said.push(detail === undefined || detail === null ? name : [name, detail]));
  }
  return { poller, asked, heard, said };
}

const json = (body, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

test("asks after the number of each answer that is being written", async () => {
  const wanted = [
    { generation: "g1", sequence: 7 },
    { generation: "g2", sequence: null },
  ];
  const { poller, asked, heard } = asking(() => json({ events: [{ type: "delta" }] }), wanted);
  await poller.ask();
  assert.deepEqual(asked, ["/events/?generation=g1&after=7", "/events/?generation=g2"]);
  assert.equal(heard.length, 2);
});

test("asks for the end of the branch where nothing is being written, and says what it found", async (t) => {
  const { poller, asked, said } = asking(() => json({ events: [] }));
  t.after(() => poller.stop());
  poller.start(0);
  await soon();
  assert.deepEqual([asked, said], [["/events/?"], [["answered", false]]]);
});

test("a portal that is away is not taken for one that answers", async (t) => {
  const { poller, said } = asking(() => {
    throw new TypeError("no network");
  });
  t.after(() => poller.stop());
  poller.start(0);
  await soon();
  assert.deepEqual(said, ["unanswered"]);
});

test("a log-in that ended is said", async (t) => {
  const { poller, said } = asking(() => json({ error: { code: "logged_out", message: "" } }, 401));
  t.after(() => poller.stop());
  poller.start(0);
  await soon();
  assert.deepEqual(said, ["loggedout"]);
});

test("what is answered after the line is back does not count", async () => {
  let answer;
  const { poller, heard, said } = asking(() => new Promise((resolve) => (answer = resolve)));
  poller.start(0);
  await soon();
  poller.stop();
  answer(json({ events: [{ type: "snapshot" }] }));
  await soon();
  assert.deepEqual([heard, said], [[], []]);
});
