"""What axe-core finds on a page: the rules of WCAG 2.2, levels A and AA, as a machine can check them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")

_RUN = """async ([tags, within]) => {
    const found = await window.axe.run(within === null ? document : within, { runOnly: { type: "tag", values: tags } });
    return {
        checked: found.passes.length,
        violations: found.violations.map((each) => ({
            id: each.id, impact: each.impact, help: each.help,
            nodes: each.nodes.slice(0, 5).map((node) => `${node.target.join(" ")}: ${node.html.slice(0, 160)}`),
        })),
    };
}"""
_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


class Evaluating(Protocol):
    """A page in whatever browser."""

    async def evaluate(self, expression: str, argument: object = None) -> Any:
        """Evaluate JavaScript in the page."""
        ...


async def assert_accessible(screen: Evaluating, within: str | None = None) -> None:
    """The page as it stands now, or what is in the element `within`, has no finding that axe-core calls serious or critical.

    axe-core is evaluated, not loaded: the pages' content policy admits no foreign script, and keeps on doing so.
    """
    if not await screen.evaluate("() => 'axe' in window"):
        await screen.evaluate(f"() => {{ {AXE.read_text()} }}")
    found = await screen.evaluate(_RUN, [list(_TAGS), within])
    assert found["checked"] > 0, "axe-core checked nothing"
    bad = [each for each in found["violations"] if each["impact"] in SERIOUS]
    assert not bad, "\n".join(
        f"{each['impact']} {each['id']}: {each['help']}\n    " + "\n    ".join(each["nodes"]) for each in bad
    )
