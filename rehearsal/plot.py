"""Plots as inline SVG, made here: lines over time with the phases behind them, bars of a histogram, a curve of shares. Pure.

They follow the page's colours by class (`c1` … `c4`) and hold no script and no address. Words come in both languages, of which
the page shows one.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 220
LEFT: Final = 58
RIGHT: Final = 12
TOP: Final = 10
BOTTOM: Final = 30
MAX_DOTS: Final = 700
"""Points of one line: more than pixels are no use."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot; None where nothing was measured. Its name is told in the legend."""

    vi: str
    en: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time behind the lines, with its name."""

    vi: str
    en: str
    begin: float
    end: float


def words(vi: str, en: str) -> str:
    """A text in both languages, as HTML."""
    return f'<span lang="vi">{html.escape(vi)}</span><span lang="en">{html.escape(en)}</span>'


def legend(lines: Sequence[Line]) -> str:
    """The names of lines beside their colours, as HTML."""
    entries = "".join(f'<li class="c{place}">{words(line.vi, line.en)}</li>' for place, line in enumerate(lines, 1))
    return f'<ul class="legend">{entries}</ul>'


def time_plot(at_s: Sequence[float], lines: Sequence[Line], bands: Sequence[Band], label: tuple[str, str]) -> str:
    """Lines over the play's seconds.

    Args:
        at_s: when each value was read.
        lines: values of the same moments.
        bands: the phases.
        label: what is shown, in Vietnamese and English, for those who cannot see it.
    """
    end_s = max([*at_s[-1:], *(band.end for band in bands[-1:]), 1.0])
    top = nice(max([value for line in lines for value in line.values if value is not None], default=0.0))
    parts = [_opening(label)]
    for number, band in enumerate(bands):
        begin, width = _x(band.begin, end_s), _x(band.end, end_s) - _x(band.begin, end_s)
        parts.append(
            f'<rect class="band{number % 2}" x="{begin:.1f}" y="{TOP}" width="{max(0.0, width):.1f}" '
            f'height="{HEIGHT - TOP - BOTTOM}"/>'
        )
        if width >= 8 * max(len(band.vi), len(band.en)):
            parts.append(_both("phase", begin + 4, TOP + 12, band.vi, band.en))
    parts += _grid(top, end_s)
    for place, line in enumerate(lines, 1):
        drawn = _path([(_x(at, end_s), _y(value, top)) if value is not None else None for at, value in _thin(at_s, line.values)])
        parts.append(f'<path class="line c{place}" d="{drawn}"/>')
    parts.append("</svg>")
    return "".join(parts)


def share_plot(lines: Sequence[tuple[Line, Sequence[tuple[float, float]]]], unit: str, label: tuple[str, str]) -> str:
    """Curves of shares: what part of all is at most so large; the horizontal axis grows by powers.

    Args:
        lines: each with its (value, share from 0 to 1), lowest first.
        unit: of the values.
        label: as of :func:`time_plot`.
    """
    values = [value for _, dots in lines for value, _ in dots if value > 0]
    low = 10 ** math.floor(math.log10(min(values))) if values else 0.1
    high = 10 ** math.ceil(math.log10(max([*values, low * 10]))) if values else 10.0
    span = math.log10(high / low)

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(max(value, low) / low) / span

    parts = [_opening(label)]
    for quarter in (0.0, 0.25, 0.5, 0.75, 0.99, 1.0):
        y = _y(quarter, 1.0)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        if quarter != 1.0:
            parts.append(_plain("tick end", LEFT - 6, y + 4, f"{quarter:.0%}"))
    for power in range(round(span) + 1):
        value = low * 10**power
        parts.append(f'<line class="grid" x1="{x(value):.1f}" x2="{x(value):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        anchor = "end" if power == round(span) else "middle"
        parts.append(_plain(f"tick {anchor}", x(value), HEIGHT - BOTTOM + 16, f"{value:g} {unit}"))
    for place, (_, dots) in enumerate(lines, 1):
        drawn = _path([(x(value), _y(share, 1.0)) for value, share in dots])
        parts.append(f'<path class="line c{place}" d="{drawn}"/>')
    parts.append("</svg>")
    return "".join(parts)


def nice(highest: float) -> float:
    """The top of an axis: the next 1, 2, 2.5 or 5 times a power of ten; 1 for nothing."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= highest * 0.9999)


def short(value: float) -> str:
    """A number of an axis: 1.5M, 20k, 0.25."""
    for limit, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.4g}{letter}"
    return f"{value:.4g}"


def _opening(label: tuple[str, str]) -> str:
    text = html.escape(f"{label[0]} / {label[1]}")
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{text}">'


def _grid(top: float, end_s: float) -> list[str]:
    parts = []
    for quarter in range(5):
        y = _y(top * quarter / 4, top)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_plain("tick end", LEFT - 6, y + 4, short(top * quarter / 4)))
    step_s = nice(end_s / 8)
    for count in range(int(end_s / step_s) + 1):
        x = _x(count * step_s, end_s)
        parts.append(_plain("tick middle", x, HEIGHT - BOTTOM + 16, f"{count * step_s:g} s"))
    return parts


def _x(at_s: float, end_s: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * at_s / end_s


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(1.0, value / top)


def _thin(at_s: Sequence[float], values: Sequence[float | None]) -> list[tuple[float, float | None]]:
    """As many moments as can be seen: of each run of neighbours the highest, which is what matters here."""
    run = max(1, math.ceil(len(values) / MAX_DOTS))
    thinned: list[tuple[float, float | None]] = []
    for first in range(0, len(values), run):
        near = zip(at_s[first : first + run], values[first : first + run], strict=True)
        there = [(value, at) for at, value in near if value is not None]
        thinned.append((max(there)[1], max(there)[0]) if there else (at_s[first], None))
    return thinned


def _path(dots: Sequence[tuple[float, float] | None]) -> str:
    """Moves and lines; a gap where there is nothing."""
    words_of, is_down = [], False
    for dot in dots:
        if dot is not None:
            start = f"M{dot[0]:.1f} {dot[1]:.1f}h0"  # h0: a single value is a dot
            words_of.append(f"L{dot[0]:.1f} {dot[1]:.1f}" if is_down else start)
        is_down = dot is not None
    return " ".join(words_of)


def _plain(css: str, x: float, y: float, text: str) -> str:
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}">{html.escape(text)}</text>'


def _both(css: str, x: float, y: float, vi: str, en: str) -> str:
    return "".join(
        f'<text lang="{language}" class="{css}" x="{x:.1f}" y="{y:.1f}">{html.escape(text)}</text>'
        for language, text in (("vi", vi), ("en", en))
    )
