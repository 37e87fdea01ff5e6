"""Finding the unit that somebody means: by its code, or by its name and the names above it.

A path goes from the top down with ``/``, ``›`` or ``>`` between the names (``An Giang / Châu Đốc``), or from the unit up with
commas, as addresses are written (``Phường 10, Quận 4``). Names above may be left out as long as one unit alone fits, and names
are compared without diacritics and case. A code counts first, exactly as it is written.
"""

import re
from collections.abc import Sequence

from bridge.units import Directory, Unit, fold

_DOWN = re.compile(r"[/›>]")


class UnitNames:
    """The look-up; made once for a directory and a file, for it folds every name (11,367 take some 60 ms)."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._folded: dict[str, str] = {}
        self._by_name: dict[str, list[Unit]] | None = None
        self._found: dict[str, tuple[Unit, ...]] = {}

    def find(self, text: str) -> tuple[Unit, ...]:
        """Give the units that ``text`` may mean: one when it is clear, none, or several (in directory order)."""
        if self._directory.has_unit(text):
            return (self._directory.unit(text),)
        known = self._found.get(text)
        if known is None:
            known = self._found[text] = self._by_path(text)
        return known

    def code_like(self, text: str) -> str | None:
        """Give the code that ``text`` would be with the leading zeros that spreadsheets drop, if there is just one."""
        if not text.isdigit():
            return None
        bare = text.lstrip("0")
        like = [unit.code for unit in self._directory.units if unit.code.lstrip("0") == bare]
        return like[0] if len(like) == 1 else None

    def _by_path(self, text: str) -> tuple[Unit, ...]:
        whole = [fold(text)]
        down = [fold(name) for name in _DOWN.split(text)]
        up = [fold(name) for name in reversed(text.split(","))]
        for names in (whole, down, up):
            if all(names) and (found := self._of_names(names)):
                return found
        return ()

    def _of_names(self, names: Sequence[str]) -> tuple[Unit, ...]:
        if self._by_name is None:
            self._by_name = {}
            for unit in self._directory.units:
                self._folded[unit.code] = fold(unit.name)
                self._by_name.setdefault(self._folded[unit.code], []).append(unit)
        return tuple(unit for unit in self._by_name.get(names[-1], ()) if self._is_below(unit, names[:-1]))

    def _is_below(self, unit: Unit, names: Sequence[str]) -> bool:
        """Say whether the names occur in this order above the unit, whatever lies between."""
        above = iter([self._folded[each.code] for each in self._directory.path(unit.code)[:-1]])
        return all(name in above for name in names)
