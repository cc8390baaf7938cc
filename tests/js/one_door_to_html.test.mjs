import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

const root = new URL("../../static/js/", import.meta.url);
const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith(".js"));
const read = (name) => readFileSync(new URL(name, root), "utf8");

test("text becomes HTML in one file only", () => {
  const doors = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|setHTMLUnsafe/;
  assert.deepEqual(
    files.filter((name) => name !== "lib/markdown.js" && doors.test(read(name))),
    [],
  );
  const parsers = files.filter((name) => /parseFromString/.test(read(name)));
  assert.deepEqual(parsers, ["lib/dom.js"], "our own server's fragments have one door of their own");
});

test("no element knows another", () => {
  const knowing = files.filter((name) => name.startsWith("elements/") && /from "\.\/|from "\.\.\/elements/.test(read(name)));
  assert.deepEqual(knowing, []);
});

test("modules are found by relative paths, so that Node runs them too", () => {
  for (const name of files) {
    for (const [, path] of read(name).matchAll(/^(?:import|export)\s(?:[\w\s{},*]*\sfrom\s)?"([^"]+)";/gm)) {
      assert.match(path, /^\.\.?\//, `${name} imports ${path}`);
    }
  }
});

test("nothing uses what browsers withhold on plain HTTP", () => {
  // Where it is withheld, installed.js does without and says so; service-worker.js is that worker.
  const careful = new Set(["lib/installed.js", "service-worker.js"]);
  const others = files.filter((name) => !careful.has(name));
  for (const name of others) assert.doesNotMatch(read(name).replace(/\/\*[\s\S]*?\*\//g, ""), /randomUUID|serviceWorker/, name);
});
