"""Which points fit a condition on indicators, for draws: by the newest values that their units have today.

A category (the colour of a zone) counts for everything below the unit that has it, unless a unit below says otherwise; a number
(the cases of a province) is that unit's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from bridge.days import day_at
from bridge.indicator_filter import parse_filter
from bridge.indicator_imports import CATEGORY
from bridge.indicator_queries import IndicatorView
from bridge.indicators import Indicators
from bridge.units import Directory
from signaling.errors import ServiceError


class Kept(Protocol):
    """The indicators of this process; :class:`signaling.indicators.KeptIndicators` is one."""

    @property
    def state(self) -> Indicators:
        """What is known; raises ``unavailable`` while nothing is."""
        ...


class Fitted:
    """See the module's text."""

    def __init__(self, kept: Kept, directory: Callable[[], Directory | None], now_ms: Callable[[], int]) -> None:
        self._kept = kept
        self._directory = directory
        self._now_ms = now_ms

    def fitting(self, text: str, points: Sequence[str]) -> Iterable[str]:
        """Give those of the points whose units fit.

        Raises:
            FilterError: the condition cannot be read.
            ServiceError: ``unavailable`` while directory or indicators are being loaded.
        """
        directory = self._directory()
        if directory is None:
            raise ServiceError("unavailable", retry_after_s=1)
        indicators = self._kept.state
        conditions = parse_filter(text, indicators)
        if not conditions:
            return points
        today = day_at(self._now_ms())
        unit_of = {point: directory.point(point).unit for point in points}
        units = [directory.unit(unit) for unit in dict.fromkeys(unit_of.values())]
        for condition in conditions:
            is_category = condition.indicator.kind == CATEGORY
            view = IndicatorView(indicators, directory, today, inherited=is_category)
            units = [found.unit for found in view.find(condition.indicator, units, [condition])]
        fit = {unit.code for unit in units}
        return [point for point, unit in unit_of.items() if unit in fit]
