// @ts-check
/** The name under which a block of code is saved: one that its programs know. */

const EXTENSIONS = {
  bash: "sh", sh: "sh", shell: "sh", zsh: "sh", console: "sh",
  batch: "bat", c: "c", h: "h", cpp: "cpp", "c++": "cpp", cc: "cpp", hpp: "hpp", csharp: "cs", "c#": "cs", cs: "cs",
  clojure: "clj", css: "css", csv: "csv", dart: "dart", diff: "diff", patch: "patch", elixir: "ex", erlang: "erl",
  fsharp: "fs", go: "go", golang: "go", graphql: "graphql", haskell: "hs", html: "html", xhtml: "html", ini: "ini",
  toml: "toml", conf: "conf", nginx: "conf", java: "java", javascript: "js", js: "js", mjs: "mjs", jsx: "jsx",
  json: "json", jsonc: "json", jsonl: "jsonl", julia: "jl", kotlin: "kt", kt: "kt", latex: "tex", tex: "tex", less: "less",
  lua: "lua", markdown: "md", md: "md", matlab: "m", mermaid: "mmd", objectivec: "m", perl: "pl", pl: "pl", php: "php",
  powershell: "ps1", ps1: "ps1", proto: "proto", protobuf: "proto", python: "py", py: "py", python3: "py", r: "r",
  ruby: "rb", rb: "rb", rust: "rs", rs: "rs", sass: "sass", scala: "scala", scss: "scss", sql: "sql", svelte: "svelte",
  svg: "svg", swift: "swift", terraform: "tf", hcl: "tf", tsx: "tsx", typescript: "ts", ts: "ts", vb: "vb", vim: "vim",
  vue: "vue", xml: "xml", yaml: "yaml", yml: "yml", zig: "zig",
};
/** Files that are known by their whole name. */
const NAMES = { dockerfile: "Dockerfile", docker: "Dockerfile", makefile: "Makefile", make: "Makefile", cmake: "CMakeLists.txt" };

/** @param {string} language as the block gives it */
export function fileNameFor(language) {
  const name = language.toLowerCase();
  if (Object.hasOwn(NAMES, name)) return NAMES[name];
  return `code.${Object.hasOwn(EXTENSIONS, name) ? EXTENSIONS[name] : "txt"}`;
}
