"""Who may be drawn, and what is known of their calls."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bridge import commands
from bridge.bridge import Bridge
from bridge.draw_commands import DrawPoints, NoteCall
from bridge.errors import BridgeError
from signaling.draw_messages import DrawPointsOrder
from signaling.drawing import Drawing, Fitting
from tests.signaling.world import FAR_WARD, OTHER_WARD, WARD, directory

NOW_MS = 1_795_000_000_000
EVERYONE = ("VN",)


def session(name: str = "main", *live: str) -> Bridge:
    bridge = Bridge(name, directory())
    bridge.handle(commands.OpenSession("Họp", "center"), NOW_MS)
    for point in live:
        bridge.handle(commands.PointArrived(point), NOW_MS)
    return bridge


def command(bridge: Bridge, *others: Bridge, fitting: Fitting | None = None, **fields: object) -> DrawPoints:
    order = DrawPointsOrder.model_validate({"kind": "draw_points", "count": 1, **fields})
    return Drawing(bridge, (bridge, *others), lambda: "5eed", fitting).command_of(order, EVERYONE, "center")


def test_the_ready_the_live_or_all() -> None:
    bridge = session("main", WARD, OTHER_WARD)
    bridge.handle(commands.PlaceCall(WARD, "center"), NOW_MS)
    bridge.handle(commands.RingSent("c1"), NOW_MS)
    assert command(bridge).candidates == (OTHER_WARD,)
    assert command(bridge, only="live").candidates == (WARD, OTHER_WARD)
    assert command(bridge, only="all").candidates == tuple(point.code for point in directory().points)
    assert command(bridge, only="all", units=["80", "27694"]).units == ("80",)


def test_only_points_that_the_session_is_over() -> None:
    bridge = Bridge("s7", directory())
    bridge.handle(commands.PrepareSession("Họp", "meeting", ("773",), "79", "center"), NOW_MS)
    assert command(bridge, only="all").candidates == ("773", WARD, OTHER_WARD)


def test_the_newest_call_that_any_session_knows_of() -> None:
    line, other = session("main", FAR_WARD), session("s7", WARD)
    line.handle(NoteCall(WARD, "s6", NOW_MS - 60_000), NOW_MS)
    line.handle(commands.PlaceCall(FAR_WARD, "center"), NOW_MS - 5_000)
    other.handle(commands.PlaceCall(WARD, "center"), NOW_MS)
    made = command(line, other, only="all", units=[WARD, OTHER_WARD, FAR_WARD])
    assert dict(zip(made.candidates, made.last_called, strict=True)) == {
        WARD: NOW_MS,
        OTHER_WARD: 0,
        FAR_WARD: NOW_MS - 5_000,
    }


def test_a_condition_on_indicators() -> None:
    asked: list[str] = []

    def fitting(condition: str, candidates: Sequence[str]) -> Sequence[str]:
        asked.append(condition)
        return [point for point in candidates if point != WARD]

    made = command(session("main", WARD, FAR_WARD), fitting=fitting, filter=" f0 > 10 ")
    assert (made.candidates, made.filter, asked) == ((FAR_WARD,), "ready; f0 > 10", [" f0 > 10 "])


@pytest.mark.parametrize(("condition", "unit", "code"), [("f0 > 10", "79", "filter_unavailable"), ("", "99", "unknown_unit")])
def test_what_cannot_be_drawn_by(condition: str, unit: str, code: str) -> None:
    with pytest.raises(BridgeError) as refused:
        command(session(), filter=condition, units=[unit])
    assert refused.value.code == code
