/**
 * In the place of the `entities` package, whose table of 2,231 names is a fifth of markdown-it: every browser has the
 * same table. Only single entities get here ("&copy;", "&#x41;"), parsed in an inert document and read as text.
 */
const known = new Map();

export function decodeHTMLStrict(text) {
  return text.replace(/&(?:#x[\da-f]+|#\d+|[a-z][a-z\d]*);/gi, (entity) => {
    if (!known.has(entity)) known.set(entity, decode(entity));
    return known.get(entity);
  });
}

function decode(entity) {
  const text = new DOMParser().parseFromString(`<i>${entity}</i>`, "text/html").body.textContent;
  // "&notit;" is no entity, though "&not" is one where HTML is lenient.
  return text.endsWith(";") && entity !== "&semi;" ? entity : text;
}
