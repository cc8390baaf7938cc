import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import test from "node:test";
import zlib from "node:zlib";

const { crc32, zip } = await import("../../static/js/lib/picture/zip.js");
const { pagesOf } = await import("../../static/js/lib/picture/pages.js");
const { fileNameOf } = await import("../../static/js/lib/picture/file-name.js");
const bytes = (text) => new TextEncoder().encode(text);

test("a ZIP says where each file stands, and what it should hold", async () => {
  const files = [
    { name: "图 1.png", bytes: bytes("first") },
    { name: "图 2.png", bytes: bytes("the second") },
  ];
  const data = Buffer.from(await zip(files).arrayBuffer());
  const end = data.length - 22;
  assert.equal(data.readUInt32LE(end), 0x06054b50);
  assert.equal(data.readUInt16LE(end + 10), 2);
  let entry = data.readUInt32LE(end + 16);
  for (const { name, bytes: content } of files) {
    assert.equal(data.readUInt32LE(entry), 0x02014b50);
    assert.equal(data.readUInt32LE(entry + 16), crc32(content));
    const [length, labelled, offset] = [data.readUInt32LE(entry + 24), data.readUInt16LE(entry + 28), data.readUInt32LE(entry + 42)];
    assert.equal(data.toString("utf8", entry + 46, entry + 46 + labelled), name);
    assert.equal(data.readUInt32LE(offset), 0x04034b50);
    const start = offset + 30 + labelled;
    assert.deepEqual(data.subarray(start, start + length), Buffer.from(content));
    entry += 46 + labelled;
  }
  assert.equal(entry, end);
});

test("checksums are those that others count", () => {
  assert.equal(crc32(bytes("123456789")), 0xcbf43926);
  if (zlib.crc32) assert.equal(crc32(bytes("中文 😀")), zlib.crc32("中文 😀"));
});

test("what fits is one page", () => assert.deepEqual(pagesOf(90, [10, 50], 100), [[0, 90]]));

test("cut at the last place that fits, and nothing is left out or shown twice", () => {
  assert.deepEqual(pagesOf(250, [60, 95, 105, 180, 240], 100), [[0, 95], [95, 180], [180, 250]]);
});

test("what is longer than a page is cut in the middle, where no place leaves a page half full", () => {
  assert.deepEqual(pagesOf(250, [20], 100), [[0, 100], [100, 200], [200, 250]]);
});

test("a title becomes a name that every system takes", () => {
  assert.equal(fileNameOf("a/b\\c: \"d\" <e>?*|\u0000\u202e"), "a b c d e");
  assert.equal(fileNameOf("..."), "conversation");
  assert.equal(fileNameOf("中文 😀 " + "x".repeat(200)).length <= 81, true);
});
