/**
 * Packs the browser libraries and the icons into files of ours, at set-up.
 *
 * One minified ES module a library under static/vendor/ (and one a language for the highlighter, so that a page loads
 * those it shows), one sprite under static/icons/: nothing third-party is committed, run time needs no Node, and two
 * runs give the same bytes (so that hashed names stay the same).
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { icons } from "./icons.mjs";
import { addressesOf, languages } from "./languages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const vendor = `${root}static/vendor`;

const markdown = `
  export { default as MarkdownIt } from "markdown-it";
  export { default as cjkFriendly } from "markdown-it-cjk-friendly";
  export { default as DOMPurify } from "dompurify";
`;
const highlighter = `
  export { default as highlighter } from "highlight.js/lib/core";
  export const languages = ${JSON.stringify(await addressesOf(languages))};
`;
const formulas = `export { default as temml } from "temml";`;
// A classic script: the frame that runs it has no origin, and modules are fetched by origin.
const diagrams = `import mermaid from "mermaid"; globalThis.mermaid = mermaid;`;
const language = (name) => `export { default } from "highlight.js/lib/languages/${name}";`;

async function pack(path, contents, format = "esm") {
  const result = await build({
    stdin: { contents, resolveDir: root, sourcefile: path },
    bundle: true,
    format,
    target: "es2022",
    platform: "browser",
    alias: { entities: `${root}scripts/entities.mjs`, katex: `${root}scripts/no_katex.mjs` },
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
    if (text.includes(forbidden)) throw new Error(`${path} holds "${forbidden}"`);
  }
  await mkdir(dirname(`${vendor}/${path}`), { recursive: true });
  await writeFile(`${vendor}/${path}`, text);
  return text.length;
}

/** The typesetter's styles, without its font (one more download, for script capitals), below our own. */
async function packFormulaStyles() {
  const styles = await readFile(`${root}node_modules/temml/dist/Temml-Local.css`, "utf8");
  const ours = styles.replace(/@font-face\s*\{[^}]*\}/, "").replace(/body\s*\{[^}]*\}/, "");
  const { code } = await transform(`@layer base { ${ours} }`, { loader: "css", minify: true });
  await writeFile(`${vendor}/temml.css`, code);
  return code.length;
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
  return sprite.length;
}

const said = (path, size) => console.log(`static/${path}  ${(size / 1024).toFixed(0)} KB`);

await rm(vendor, { recursive: true, force: true });
said("vendor/markdown.js", await pack("markdown.js", markdown));
said("vendor/highlight/core.js", await pack("highlight/core.js", highlighter));
said("vendor/temml.js", await pack("temml.js", formulas));
said("vendor/temml.css", await packFormulaStyles());
said("vendor/mermaid.js", await pack("mermaid.js", diagrams, "iife"));
let size = 0;
for (const name of languages) size += await pack(`highlight/${name}.js`, language(name));
said(`vendor/highlight/  ${languages.length} languages`, size);
said("icons/icons.svg", await packIcons());
