// @ts-check
/**
 * A random UUID (version 4) from `crypto.getRandomValues`: browsers withhold `crypto.randomUUID` on plain HTTP, which
 * is how a team on an inner network reaches the portal.
 */
export function newId(random = globalThis.crypto) {
  const bytes = random.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
