/**
 * The languages whose code is coloured, as highlight.js names them. Its own "common" set spends a fifth of its size
 * on SCSS and Less, which CSS's grammar colours well enough, and has neither Dockerfile nor nginx.
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

export const aliases = { css: ["scss", "less", "sass"], ini: ["conf"], javascript: ["vue", "svelte"] };
