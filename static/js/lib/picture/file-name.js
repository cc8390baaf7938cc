// @ts-check
/** A title as a name that every system can save. @param {string} title */
export function fileNameOf(title) {
  const name = title.replace(/[\\/:*?"<>|\p{Cc}\p{Cf}]+/gu, " ").replace(/\s+/g, " ").trim();
  return [...name].slice(0, 80).join("").replace(/[. ]+$/, "").replace(/^\.+/, "") || "conversation";
}
