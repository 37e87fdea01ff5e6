"""4 July 2021: the leaders of eight provinces speak in turn, each on a clock, and everybody hears them.

The real service over HTTP and WebSocket; who speaks publishes real media, and a commune's viewer decodes what it gets. The
minutes of a speaker are scaled to `SPEAKING_S` seconds, the rest is as it was. docs/scenes/4-july.md is the same by hand.
"""

from __future__ import annotations

import asyncio
import colorsys
import contextlib
import json
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any

import pytest

from tests.harness.desks import WsConsole, WsPoint
from tests.harness.service import Service, start_service
from tests.harness.wait import until
from tests.harness.webrtc import Rgb, TestPublisher, TestViewer

pytestmark = pytest.mark.service

LATE = "77"
SPEAKERS = ("79", "74", "75", LATE, "80", "82", "87", "89")
"""Thành phố Hồ Chí Minh and seven provinces around it, in the order of the agenda."""
IN_TURN = (*(code for code in SPEAKERS if code != LATE), LATE)
"""The order in which they come to speak: the one that cannot be reached at first has its second try after the others."""
EXTENDED = "82"
AUDIENCE = "26740"
SPEAKING_S, WARNING_S, EXTENSION_S = 3, 2, 2


@pytest.fixture
def meeting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that warns a speaker soon enough for this test."""
    with start_service(tmp_path_factory.mktemp("scene"), {"FLOOR__WARNING_S": str(WARNING_S)}) as service:
        yield service


def colour_of(code: str) -> Rgb:
    """A colour of its own for each speaker."""
    red, green, blue = colorsys.hsv_to_rgb(SPEAKERS.index(code) / len(SPEAKERS), 0.8, 0.8)
    return round(red * 255), round(green * 255), round(blue * 255)


def tone_of(code: str) -> float:
    """A tone of its own for each speaker."""
    return 500.0 + 150 * SPEAKERS.index(code)


async def asked(service: Service, path: str) -> dict[str, Any]:
    """What the service answers to an operator."""
    status, text = await asyncio.to_thread(service.get, path, service.token("operator", session="*"))
    assert status == 200, text
    return dict(json.loads(text))


def clock_of(point: WsPoint, session: str) -> dict[str, Any] | None:
    """The newest word to a point about its request to speak in the session."""
    told = [m["request"] for m in point.messages if m["type"] == "floor" and m["session"] == session]
    return told[-1] if told else None


async def heard_by_all(
    console: WsConsole, viewer: TestViewer, point: WsPoint, publisher: TestPublisher, call: str
) -> dict[str, Any]:
    """The point answers, goes on air, and the audience sees and hears it; gives the clock that the speaker is shown."""
    session = console.session
    assert await point.ring() == call
    await publisher.open()
    await point.say("answer", call)
    await console.call_state(call, "on_air")
    await until(f"{point.code} speaks", lambda: (clock_of(point, session) or {}).get("state") == "speaking", every_s=0.01)
    clock = clock_of(point, session)
    assert clock is not None
    await viewer.sees("main", colour_of(point.code))
    await viewer.hears("guest1", tone_of(point.code))
    return clock


async def test_eight_speak_in_turn(meeting: Service) -> None:
    service = meeting
    token = service.token("center", session="*")
    status, opened = service.post("/api/sessions", token, {"title": "Phòng, chống dịch tại phía Nam", "units": list(SPEAKERS)})
    assert (status, opened["state"], opened["center"]) == (201, "open", "VN"), opened
    session = str(opened["id"])
    items = [{"point": code, "subject": f"Báo cáo {code}", "seconds": SPEAKING_S} for code in SPEAKERS]
    calls: dict[str, str] = {}
    async with contextlib.AsyncExitStack() as stack:
        chair = await stack.enter_async_context(WsConsole(service, "center", session=session))
        audience = await stack.enter_async_context(WsPoint(service, AUDIENCE))
        viewer = await stack.enter_async_context(TestViewer(service, audience.token))
        desks = {code: await stack.enter_async_context(WsPoint(service, code)) for code in SPEAKERS if code != LATE}
        assert (await chair.command("set_agenda", items=items))["type"] == "ack"
        agenda = (await chair.message("agenda", lambda m: len(m["items"]) == len(SPEAKERS)))["items"]
        assert [(row["point"], row["state"]) for row in agenda] == [(code, "waiting") for code in SPEAKERS]

        sending: dict[str, TestPublisher] = {}
        for code in IN_TURN:
            if code == "80":
                # The fourth is not there: the record says so, and whoever speaks goes on speaking.
                missed = await chair.command("next_speaker")
                failed = await chair.call_state(str(missed["call"]), "failed")
                assert (failed["point"], failed["cause"]) == (LATE, "offline")
                rows = {row["point"]: row for row in (await asked(service, f"/api/sessions/{session}/agenda"))["items"]}
                assert (rows[LATE]["state"], rows["75"]["state"]) == ("missed", "speaking")
            if code == LATE:
                desks[LATE] = await stack.enter_async_context(WsPoint(service, LATE))
            answer = await chair.command("next_speaker")
            assert answer["type"] == "ack", answer
            calls[code] = str(answer["call"])
            publisher = TestPublisher(service, desks[code].token, colour_of(code), tone_of(code))
            stack.push_async_callback(publisher.close)
            clock = await heard_by_all(chair, viewer, desks[code], publisher, calls[code])
            for previous, earlier in list(sending.items()):
                # The one before is off air, still connected and heard by nobody, until the chair lets it go.
                muted = await chair.call_state(calls[previous], "preview")
                assert muted["off_air_at"] <= clock["started_at"]
                await until("its clock is gone from its page", lambda code=previous: clock_of(desks[code], session) is None)  # type: ignore[misc]
                assert (await chair.command("end_call", call=calls[previous]))["type"] == "ack"
                await desks[previous].call_state(calls[previous], "ended")
                await earlier.close()
                del sending[previous]
            sending[code] = publisher
            assert clock["deadline"] - clock["started_at"] == SPEAKING_S * 1000
            await warned(desks[code], session, clock["deadline"])
            if code == EXTENDED:
                assert (await chair.command("extend_floor", point=code, seconds=EXTENSION_S))["type"] == "ack"
                await warned(desks[code], session, clock["deadline"] + EXTENSION_S * 1000)
        assert (await chair.command("take_back_floor", point=LATE))["type"] == "ack"
        await chair.call_state(calls[LATE], "preview")
        over = await chair.command("next_speaker")
        assert over["error"]["code"] == "agenda_over"

        # Everybody was shown who spoke, one at a time and in this order.
        def all_were_shown() -> bool:
            stages = [m["stage"] for m in audience.messages if m["type"] in {"stage", "attending"}]
            shown = [tuple(row["point"] for row in stage["on_air"]) for stage in stages]
            found = [on for on, _ in groupby(on for on in shown if on)]
            assert found == [(code,) for code in IN_TURN], found
            return True

        await until("everybody was shown who spoke", all_were_shown)
    await speaking_times(service, session)


async def warned(point: WsPoint, session: str, deadline: int) -> None:
    """Waits until the speaker is warned of this end of its time, which was not before the time for it."""

    def newest() -> dict[str, Any] | None:
        clock = clock_of(point, session)
        return clock if clock is not None and clock["deadline"] == deadline and clock["warned_at"] is not None else None

    clock = await until(f"{point.code} is warned", newest, WARNING_S + SPEAKING_S + 15, every_s=0.01)
    assert clock["warned_at"] >= deadline - WARNING_S * 1000


async def speaking_times(service: Service, session: str) -> None:
    """Every item is done with the time that it took, and the times of the points are those of their items."""
    answer = await asked(service, f"/api/sessions/{session}/agenda")
    rows = {row["point"]: row for row in answer["items"]}
    assert {row["state"] for row in rows.values()} == {"done"}
    assert answer["next"] is None
    assert {code: row["tries"] for code, row in rows.items()} == {code: 2 if code == LATE else 1 for code in SPEAKERS}
    assert [row["point"] for row in sorted(rows.values(), key=lambda row: row["started_at"])] == list(IN_TURN)
    in_order = [rows[code] for code in IN_TURN]
    for row in in_order:
        assert row["spoken_ms"] == row["ended_at"] - row["started_at"]
        assert row["spoken_ms"] >= (SPEAKING_S - WARNING_S) * 1000, "nobody was sent off before its warning"
    for one, next_one in pairwise(in_order):
        assert one["ended_at"] <= next_one["started_at"], "one at a time"
    assert rows[EXTENDED]["spoken_ms"] >= (SPEAKING_S - WARNING_S + EXTENSION_S) * 1000
    assert {row["point"]: row["spoken_ms"] for row in answer["spoken"]} == {code: row["spoken_ms"] for code, row in rows.items()}
