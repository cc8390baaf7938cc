/**
 * The languages whose code is coloured, as highlight.js names them. Its own "common" set has neither
 * Dockerfile nor nginx, and spends a fifth of its size on SCSS and Less.
 */
export const languages = [
  "bash",
  "c",
  "cpp",
  "csharp",
  "css",
  "diff",
  "dockerfile",
  "go",
  "graphql",
  "ini",
  "java",
  "javascript",
  "json",
  "kotlin",
  "lua",
  "makefile",
  "markdown",
  "nginx",
  "perl",
  "php",
  "powershell",
  "python",
  "r",
  "ruby",
  "rust",
  "shell",
  "sql",
  "swift",
  "typescript",
  "xml",
  "yaml",
];

/** Names that the grammars do not claim, but are coloured well enough by them. */
const more = { scss: "css", less: "css", sass: "css", conf: "ini", vue: "xml", svelte: "xml" };

/** Every name that a code block may give, and the language's file it leads to. */
export async function addressesOf(names) {
  const { default: highlighter } = await import("highlight.js/lib/core");
  const addresses = { ...more };
  for (const name of names) {
    const { default: grammar } = await import(`highlight.js/lib/languages/${name}`);
    for (const alias of [name, ...(grammar(highlighter).aliases ?? [])]) addresses[alias.toLowerCase()] = name;
  }
  return Object.fromEntries(Object.entries(addresses).sort(([one], [other]) => (one < other ? -1 : 1)));
}
