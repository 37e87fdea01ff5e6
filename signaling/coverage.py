"""Which sessions are over a point. Pure.

A thousand sessions may be open and ten thousand points come back within a minute, so that nobody may ask every session about
every point: sessions are kept by their units, and a point asks at its own unit and those above it, a handful.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.bridge import Bridge
from bridge.ids import STANDING_LINE
from bridge.units import Directory


class Coverage:
    """The units of sessions. One without units is over everything."""

    def __init__(self) -> None:
        self._units: dict[str, tuple[str, ...]] = {}
        self._by_unit: dict[str, dict[str, None]] = {}
        self._everywhere: dict[str, None] = {}

    def __contains__(self, session: str) -> bool:
        return session in self._units

    def set(self, session: str, units: Sequence[str]) -> None:
        """A session is over these units and everything below them."""
        self.remove(session)
        self._units[session] = tuple(units)
        if not units:
            self._everywhere[session] = None
        for unit in units:
            self._by_unit.setdefault(unit, {})[session] = None

    def remove(self, session: str) -> None:
        """A session is over nothing any more."""
        for unit in self._units.pop(session, ()):
            found = self._by_unit.get(unit, {})
            found.pop(session, None)
            if not found:
                self._by_unit.pop(unit, None)
        self._everywhere.pop(session, None)

    def over(self, point: str, directory: Directory) -> list[str]:
        """The sessions over a point, each once."""
        found = dict(self._everywhere)
        if self._by_unit and directory.has_point(point):
            for unit in directory.units_above(point):
                found |= self._by_unit.get(unit, {})
        return list(found)


def points_over(units: Sequence[str], directory: Directory) -> list[range]:
    """The indices of the points of these units and of everything below them, each index once; all of them for no units."""
    if not units:
        return [range(len(directory.points))]
    runs = sorted((directory.points_within(unit) for unit in units if directory.has_unit(unit)), key=lambda run: run.start)
    apart: list[range] = []
    for run in runs:
        start = max(run.start, apart[-1].stop) if apart else run.start
        if start < run.stop:
            apart.append(range(start, run.stop))
    return apart


def overlaps(bridge: Bridge, scope: Sequence[str]) -> bool:
    """Whether a session is any business of a scope: it is over some of it. The standing line is everybody's."""
    units, directory = bridge.session.units, bridge.directory
    if bridge.session_id == STANDING_LINE or not units:
        return True
    return any(directory.is_within(unit, scope) for unit in units) or any(directory.is_within(unit, units) for unit in scope)
