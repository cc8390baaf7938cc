/**
 * Packs the browser libraries and the icons into files of ours, at set-up.
 *
 * One minified ES module a library under static/vendor/, one sprite under static/icons/: nothing third-party is
 * committed, run time needs no Node, and two runs give the same bytes (so that hashed names stay the same).
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { icons } from "./icons.mjs";
import { aliases, languages } from "./languages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const vendor = `${root}static/vendor`;

const libraries = {
  "markdown.js": `
    export { default as MarkdownIt } from "markdown-it";
    export { default as cjkFriendly } from "markdown-it-cjk-friendly";
    export { default as DOMPurify } from "dompurify";
  `,
  "highlight.js": [
    'import highlighter from "highlight.js/lib/core";',
    ...languages.map((name) => `import ${name} from "highlight.js/lib/languages/${name}";`),
    ...languages.map((name) => `highlighter.registerLanguage("${name}", ${name});`),
    ...Object.entries(aliases).map(
      ([name, others]) => `highlighter.registerAliases(${JSON.stringify(others)}, { languageName: "${name}" });`,
    ),
    "export default highlighter;",
  ].join("\n"),
};

async function pack(name, contents) {
  const result = await build({
    stdin: { contents, resolveDir: root, sourcefile: name },
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    minify: true,
    charset: "utf8",
    // Comments go: one that holds "import(" or a source map's address breaks the hashing of file names.
    legalComments: "none",
    sourcemap: false,
    write: false,
    logLevel: "error",
  });
  const text = result.outputFiles[0].text;
  for (const forbidden of ["sourceMappingURL", "import("]) {
    if (text.includes(forbidden)) throw new Error(`${name} holds "${forbidden}"`);
  }
  await writeFile(`${vendor}/${name}`, text);
  console.log(`static/vendor/${name}  ${(text.length / 1024).toFixed(0)} KB`);
}

async function symbol(name) {
  const svg = await readFile(`${root}node_modules/lucide-static/icons/${name}.svg`, "utf8");
  const shapes = svg.match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "")}</symbol>`;
}

async function packIcons() {
  const symbols = await Promise.all([...icons].sort().map(symbol));
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
  await mkdir(`${root}static/icons`, { recursive: true });
  await writeFile(`${root}static/icons/icons.svg`, sprite);
  console.log(`static/icons/icons.svg  ${icons.length} icons`);
}

await rm(vendor, { recursive: true, force: true });
await mkdir(vendor, { recursive: true });
for (const [name, contents] of Object.entries(libraries)) await pack(name, contents);
await packIcons();
