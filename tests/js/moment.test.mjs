import assert from "node:assert/strict";
import test from "node:test";
import { moment } from "../../static/js/lib/moment.js";

const now = new Date("2026-03-05T23:30:00Z");
const at = (iso, timeZone) => moment(new Date(iso), { now, language: "en-GB", timeZone }).text;

test("the hour today, by the reader's clock", () => {
  assert.equal(at("2026-03-05T22:15:00Z", "UTC"), "22:15");
  assert.equal(at("2026-03-05T22:15:00Z", "Asia/Tokyo"), "07:15");
});

test("the day before that: where it is another day there", () => {
  assert.equal(at("2026-03-05T14:15:00Z", "UTC"), "14:15");
  assert.match(at("2026-03-05T14:15:00Z", "Asia/Tokyo"), /^5 Mar.* 23:15$/);
});

test("a time zone that the device does not know is the device's own", () => {
  for (const zone of ["Mars/Olympus", "", undefined]) {
    assert.equal(at("2026-03-05T22:15:00Z", zone), at("2026-03-05T22:15:00Z"));
  }
});

test("the title tells all of it", () => {
  const { title } = moment(now, { now, language: "en-GB", timeZone: "Asia/Tokyo" });
  assert.match(title, /Friday.* 6 March 2026 at 08:30/);
});
