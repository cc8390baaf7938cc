// @ts-check
/** Whether the page is dark: by the member's choice, else by the system's. */

const system = globalThis.matchMedia?.("(prefers-color-scheme: dark)");

export function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme === "dark" || (theme !== "light" && Boolean(system?.matches));
}

/** @param {() => void} work */
export function onThemeChange(work) {
  system?.addEventListener("change", work);
  new MutationObserver(work).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}
