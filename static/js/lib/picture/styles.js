// @ts-check
/** The page's own styles as one text: an image loads nothing, so that they have to stand in it. */
export function pageStyles() {
  return [...document.styleSheets].map(({ cssRules }) => textOf(cssRules)).join("\n");
}

/** @param {CSSRuleList} rules @returns {string} */
function textOf(rules) {
  return [...rules].map((rule) => (rule instanceof CSSImportRule ? imported(rule) : rule.cssText)).join("\n");
}

/** @param {CSSImportRule} rule */
function imported({ styleSheet, layerName, media }) {
  const text = styleSheet ? textOf(styleSheet.cssRules) : "";
  const inMedia = media.mediaText ? `@media ${media.mediaText} { ${text} }` : text;
  return layerName === null ? inMedia : `@layer ${layerName} { ${inMedia} }`;
}
