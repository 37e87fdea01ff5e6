"""What a person stumbles over and axe-core does not see: words cut off, sideways scrolling, a focus that is not shown."""

from __future__ import annotations

from tests.harness.axe import Evaluating

_NAMED = """const named = (each) => each.tagName.toLowerCase() + (each.id ? "#" + each.id : "")
    + [...each.classList].map((one) => "." + one).join("")
    + " “" + each.textContent.trim().replace(/\\s+/g, " ").slice(0, 40) + "”";"""

_FITS = """() => {
    NAMED
    const found = [];
    const wide = document.documentElement.scrollWidth - innerWidth;
    if (wide > 0) {
        const out = [...document.querySelectorAll("body *")]
            .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(each).position !== "fixed");
        found.push(`the page is ${wide} px wider than the screen: ${out.slice(0, 4).map(named).join(", ")}`);
    }
    for (const each of document.querySelectorAll("main, .pane, .boards, dialog[open], .sheet, .frame-failed")) {
        if (each.checkVisibility() && each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== "visible")
            found.push(`one has to scroll sideways in ${named(each).slice(0, 60)}`);
    }
    const range = document.createRange();
    for (const each of document.querySelectorAll(CONTROLS)) {
        if (!each.checkVisibility({ visibilityProperty: true }) || each.closest(".visually-hidden, .skip, .tile, svg")) continue;
        const box = each.getBoundingClientRect();
        const icons = [...each.querySelectorAll("svg, img")].map((icon) => icon.getBoundingClientRect());
        const words = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
        while (words.nextNode()) {
            const node = words.currentNode;
            const parent = node.parentElement;
            if (node.data.trim() === "" || parent.closest(".visually-hidden, style, option, select")) continue;
            let shortened = false;
            for (let up = parent; ; up = up.parentElement) {
                const style = getComputedStyle(up);
                shortened ||= style.textOverflow === "ellipsis" || !["none", ""].includes(style.webkitLineClamp);
                if (up === each) break;
            }
            range.selectNodeContents(node);
            for (const line of range.getClientRects()) {
                const past = Math.max(box.left - line.left, line.right - box.right, box.top - line.top, line.bottom - box.bottom);
                if (past > 1.5 && !shortened) {
                    found.push(`${past.toFixed(0)} px of the words stand outside ${named(each)}`);
                    break;
                }
                const over = icons.find((icon) => Math.min(icon.right, line.right) - Math.max(icon.left, line.left) > 1.5
                    && Math.min(icon.bottom, line.bottom) - Math.max(icon.top, line.top) > 1.5);
                if (over !== undefined && !shortened) {
                    found.push(`words lie over the icon of ${named(each)}`);
                    break;
                }
            }
        }
    }
    return found;
}""".replace("NAMED", _NAMED).replace(
    "CONTROLS", "'button, a.button, [role=tab], summary, .chip, .badge, .count, .hall-tally, label.check-label'"
)

_FOCUS = """() => {
    NAMED
    const before = document.activeElement;
    const found = [];
    const seen = new Set();
    for (const each of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
        const kind = each.tagName + each.className + (each.id.startsWith("tab-") ? "" : each.id);
        if (seen.has(kind) || each.disabled || !each.checkVisibility({ visibilityProperty: true })) continue;
        seen.add(kind);
        each.focus({ preventScroll: true, focusVisible: true });
        if (document.activeElement !== each || !each.matches(":focus-visible")) continue;
        const style = getComputedStyle(each);
        const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
        if (!outlined && style.boxShadow === "none") found.push(named(each));
    }
    before?.focus?.({ preventScroll: true });
    return found;
}""".replace("NAMED", _NAMED)


async def misfits(screen: Evaluating) -> list[str]:
    """What is wider than the screen, words that stand outside their button, tab or chip, and words that lie over its icon.

    Names that are shortened with an ellipsis are meant to be.
    """
    found: list[str] = await screen.evaluate(_FITS)
    return found


async def unseen_focus(screen: Evaluating) -> list[str]:
    """Controls of which one does not see that they have the focus of the keyboard; one of each kind is looked at."""
    found: list[str] = await screen.evaluate(_FOCUS)
    return found
