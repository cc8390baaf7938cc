"""The rules of WCAG 2.2 AA that a machine can check, on the page that is open, in every theme."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.portal_process import ROOT

AXE = Path(ROOT, "node_modules", "axe-core", "axe.min.js").read_text()
ALL_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# The two that look at colours: the others find the same in every colour.
COLOUR_RULES = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}

STILL = "*, *::before, *::after { transition: none !important; animation: none !important; }"
LOOK = """([theme, accent]) => {
  document.documentElement.dataset.theme = theme;
  document.documentElement.dataset.accent = accent;
}"""
CHECK = """async (rules) => {
  const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) =>
    `${id}: ${nodes.slice(0, 3).map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ""}`).join(" | ")}`);
}"""


def violations(page: Any, *, accents: tuple[str, ...] = ("blue",)) -> list[str]:
    """Each with its page and look. The page has to allow scripts and styles of others (`bypass_csp`)."""
    page.evaluate(AXE)
    page.add_style_tag(content=STILL)  # a colour that is changing is one that nobody chose
    found: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for theme in (scheme, "contrast"):
            rules = ALL_RULES if scheme == "light" else COLOUR_RULES
            for accent in accents:
                page.evaluate(LOOK, [theme, accent])
                told = page.evaluate(CHECK, rules)
                found += [f"{page.url} {theme} on {scheme}, {accent}: {each}" for each in told]
                rules = COLOUR_RULES
    page.emulate_media(color_scheme=None, reduced_motion=None)
    return found
