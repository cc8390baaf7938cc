// @ts-check
/**
 * A ZIP of files as they are: what goes in is compressed already, so that the format is a few headers around it.
 * Names are UTF-8; dates are left at the format's beginning, so that the same files give the same bytes.
 */

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** @param {Uint8Array} bytes */
export function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** @param {{ name: string, bytes: Uint8Array }[]} files @returns {Blob} */
export function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const label = new TextEncoder().encode(name);
    const facts = [20, 0x0800, 0, 0, 0x21, crc32(bytes), bytes.length, bytes.length, label.length, 0];
    const header = pack("4222224442 2", [0x04034b50, ...facts]);
    parts.push(header, label, bytes);
    directory.push(pack("42222224442 22224 4", [0x02014b50, 20, ...facts, 0, 0, 0, 0, offset]), label);
    offset += header.length + label.length + bytes.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = pack("4222244 2", [0x06054b50, 0, 0, files.length, files.length, size, offset, 0]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** Numbers in little-endian fields of 2 or 4 bytes. @param {string} widths @param {number[]} values */
function pack(widths, values) {
  const fields = [...widths.replace(/ /g, "")].map(Number);
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, width) => sum + width, 0)));
  let at = 0;
  for (const [index, width] of fields.entries()) {
    if (width === 4) view.setUint32(at, values[index], true);
    else view.setUint16(at, values[index], true);
    at += width;
  }
  return new Uint8Array(view.buffer);
}
