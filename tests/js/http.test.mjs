import assert from "node:assert/strict";
import test from "node:test";
import "./page.mjs";

const { get, post } = await import("../../static/js/lib/http.js");

const HTML = { "Content-Type": "text/html; charset=utf-8" };

/** The next request is answered so. */
function answering(body, { redirected = false, ...how } = {}) {
  const answer = new Response(body, how);
  Object.defineProperty(answer, "redirected", { value: redirected });
  globalThis.fetch = async () => answer;
}

const refused = (code) => (error) => error.code === code && error.message.length > 10;

test("an answer is handed over as what it is", async () => {
  answering('{"title": "New"}', { headers: { "Content-Type": "application/json" } });
  assert.deepEqual(await post("/title/", {}, { type: "json" }), { title: "New" });
  answering("<p>Hi</p>", { status: 201, headers: HTML });
  assert.equal(await post("/messages/", {}, { status: 201 }), "<p>Hi</p>");
  answering(null, { status: 204 });
  assert.equal(await post("/stop/", {}, { status: 204 }), "");
});

test("a log-in page at the end of a redirect is no yes", async () => {
  for (const ask of [() => post("/messages/", {}, { status: 201 }), () => post("/stop/"), () => get("/list/")]) {
    answering("<h1>Log in</h1>", { redirected: true, headers: HTML });
    await assert.rejects(ask, refused("logged_out"));
  }
});

test("a proxy's page is no yes either, whatever its status says", async () => {
  answering("<h1>Welcome to our network</h1>", { headers: HTML });
  await assert.rejects(post("/messages/", {}, { status: 201 }), refused("unexpected"));
  answering("<h1>Welcome to our network</h1>", { headers: HTML });
  await assert.rejects(post("/title/", {}, { type: "json" }), refused("unexpected"));
});

test("the portal's own sentence is shown where it sends one", async () => {
  const error = { code: "password_change", message: "Choose a password of your own first." };
  answering(JSON.stringify({ error }), { status: 403 });
  await assert.rejects(post("/messages/"), error);
  answering("<h1>Forbidden</h1>", { status: 403, headers: HTML });
  await assert.rejects(post("/messages/"), refused("unexpected"));
});

test("a line that breaks, before or within the answer, is said so", async () => {
  globalThis.fetch = async () => {
    throw new TypeError("Failed to fetch");
  };
  await assert.rejects(get("/list/"), refused("offline"));
  const broken = new ReadableStream({ pull: (controller) => controller.error(new TypeError("terminated")) });
  answering(broken, { headers: HTML });
  await assert.rejects(get("/list/"), refused("offline"));
});
