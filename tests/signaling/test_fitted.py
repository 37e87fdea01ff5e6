"""Which points fit a condition on indicators."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from bridge.errors import BridgeError
from signaling.errors import ServiceError
from signaling.fitted import Fitted
from tests.bridge.indicator_world import DIRECTORY, indicators, part

MADE = indicators(
    part("cases", "2021-09-01", {"27286": 5.0, "27289": 30.0, "773": 500.0}),
    part("zone", "2021-09-01", {"773": "đỏ", "27289": "xanh"}),
)
POINTS = [point.code for point in DIRECTORY.points]
NOON_MS = int(datetime(2021, 9, 2, 5, tzinfo=UTC).timestamp() * 1000)
"""Noon in Việt Nam."""


def fitting(text: str) -> list[str]:
    kept = SimpleNamespace(state=MADE)
    return list(Fitted(kept, lambda: DIRECTORY, lambda: NOON_MS).fitting(text, POINTS))


def test_a_category_counts_below_and_a_number_does_not() -> None:
    assert fitting("zone = đỏ") == ["773", "27286"]
    assert fitting("zone = xanh") == ["27289"]
    assert fitting("cases > 100") == ["773"]
    assert fitting("cases < 100 and zone = đỏ") == ["27286"]


def test_no_condition_is_everybody() -> None:
    assert fitting("  ") == POINTS


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(BridgeError):
        fitting("heat > 3")
    with pytest.raises(ServiceError):
        Fitted(SimpleNamespace(state=MADE), lambda: None, lambda: 1).fitting("cases > 1", POINTS)
