"""Calls that do not come about: each leaves its cause and its evidence on the record."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.desks import WsConsole, WsPoint
from tests.harness.service import Service, start_service
from tests.harness.wait import until

pytestmark = pytest.mark.service

POINT = "26740"
LONG = {f"CALLS__{clock}_TIMEOUT_S": "60" for clock in ("DELIVER", "ANSWER", "MEDIA")}
SHORT_MS = 1_500
OFFLINE, READY, LIVE_MISSED, OFFLINE_MISSED = 0, 1, 8, 9


@pytest.fixture
def hasty_service(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Service]:
    """A service whose one clock runs out soon; the others give the test the time that it takes."""
    hasty = {f"CALLS__{request.param}_TIMEOUT_S": str(SHORT_MS / 1000)}
    with start_service(tmp_path_factory.mktemp("hasty"), LONG | hasty) as running:
        yield running


def record_of(service: Service, call: str) -> dict[str, Any]:
    """The call as the service gives it to whoever asks later."""
    return next(view for view in service.calls() if view["id"] == call)


async def state_of(console: WsConsole, code: str, state: int) -> None:
    """Waits until the console knows `code` in `state`."""

    async def is_so() -> bool:
        seen = await console.point_state(code)
        assert seen == state, f"{code} is in state {seen}"
        return True

    await until(f"{code} in state {state}", is_so)


async def test_offline_at_once(module_service: Service) -> None:
    async with WsConsole(module_service) as console:
        call = await console.place_call("00001")
        view = await console.call_state(call, "failed")
        assert view["cause"] == "offline"
        assert view["ended_at"] - view["placed_at"] < 1_000
        assert view["delivered_at"] is None
        assert record_of(module_service, call)["cause"] == "offline"
        await state_of(console, "00001", OFFLINE_MISSED)


async def test_declined_with_the_reason(module_service: Service) -> None:
    async with WsConsole(module_service) as console, WsPoint(module_service, POINT) as point:
        call = await console.place_call(POINT)
        assert await point.ring() == call
        await point.say("decline", call, reason="đang họp với bệnh viện")
        view = await console.call_state(call, "failed")
        assert view["cause"] == "declined"
        assert view["delivered_at"] >= view["ringing_at"] >= view["placed_at"]
        assert "đang họp với bệnh viện" in json.dumps(view, ensure_ascii=False)
        assert (await point.call_state(call, "failed"))["cause"] == "declined"
        await state_of(console, POINT, LIVE_MISSED)


async def test_no_device_with_what_the_browser_said(module_service: Service) -> None:
    async with WsConsole(module_service) as console, WsPoint(module_service, POINT) as point:
        call = await console.place_call(POINT)
        await point.ring()
        report = {"visible": True, "camera": "refused", "microphone": "refused"}
        await point.say("device_failed", call, report, device="camera", error="NotAllowedError")
        await point.say("device_failed", call, report, device="microphone", error="NotAllowedError")
        view = await console.call_state(call, "failed")
        assert view["cause"] == "no_device"
        noted = [entry for entry in view["trail"] if entry["report"] and entry["report"]["camera"] == "refused"]
        assert noted, view["trail"]
        assert "NotAllowedError" in json.dumps(view)


@pytest.mark.parametrize("hasty_service", ["ANSWER"], indirect=True)
async def test_no_answer_counts_from_the_confirmed_ring(hasty_service: Service) -> None:
    async with WsConsole(hasty_service) as console, WsPoint(hasty_service, POINT) as point:
        call = await console.place_call(POINT)
        await point.ring()
        view = await console.call_state(call, "failed")
        assert view["cause"] == "no_answer"
        assert view["evidence"]["deadline"] - view["delivered_at"] == SHORT_MS
        assert view["ended_at"] >= view["evidence"]["deadline"]
        assert view["answered_at"] is None
        assert record_of(hasty_service, call)["cause"] == "no_answer"


@pytest.mark.parametrize("hasty_service", ["DELIVER"], indirect=True)
async def test_undelivered_when_the_page_never_says_that_it_rings(hasty_service: Service) -> None:
    async with WsConsole(hasty_service) as console, WsPoint(hasty_service, POINT) as point:
        call = await console.place_call(POINT)
        await point.message("ring")
        view = await console.call_state(call, "failed")
        assert view["cause"] == "undelivered"
        assert view["ringing_at"] is not None
        assert view["delivered_at"] is None


@pytest.mark.parametrize("hasty_service", ["MEDIA"], indirect=True)
async def test_media_failed_when_no_packet_follows_the_answer(hasty_service: Service) -> None:
    async with WsConsole(hasty_service) as console, WsPoint(hasty_service, POINT) as point:
        call = await console.place_call(POINT)
        await point.ring()
        await point.say("answer", call)
        view = await console.call_state(call, "failed")
        assert view["cause"] == "media_failed"
        assert view["answered_at"] is not None
        assert view["connected_at"] is None


async def test_cancelled_stops_the_ring(module_service: Service) -> None:
    async with WsConsole(module_service) as console, WsPoint(module_service, POINT) as point:
        call = await console.place_call(POINT)
        await point.ring()
        assert (await console.command("cancel_call", call=call))["type"] == "ack"
        assert (await point.call_state(call, "failed", "ended"))["id"] == call
        assert record_of(module_service, call)["cause"] == "cancelled"


async def test_the_record_holds_the_whole_life_in_order(module_service: Service) -> None:
    async with WsConsole(module_service) as console, WsPoint(module_service, POINT) as point:
        call = await console.place_call(POINT)
        await point.ring()
        await point.say("decline", call)
        await console.call_state(call, "failed")
        times = [entry["at"] for entry in record_of(module_service, call)["trail"]]
        assert len(times) >= 4
        assert times == sorted(times)
        logged = [event for event in module_service.event_log() if call in str(event)]
        assert len(logged) >= 4


async def test_the_state_frame_follows_a_point(module_service: Service) -> None:
    code = "00004"
    async with WsConsole(module_service) as console:
        await state_of(console, code, OFFLINE)
        async with WsPoint(module_service, code):
            await state_of(console, code, READY)
        await state_of(console, code, OFFLINE)


async def test_a_wrong_secret_is_refused(module_service: Service) -> None:
    point = WsPoint(module_service, POINT, secret="b0nCHWSk1T5o6Zr1gTgT3A")
    try:
        await point.connect()
        refused = await point.message("refused")
        assert refused["error"]["code"] == "bad_credential"
        await until("closed", lambda: point.close_code is not None)
        assert point.close_code == 4401
    finally:
        await point.close()


async def test_the_newest_page_of_a_point_wins(module_service: Service) -> None:
    async with WsPoint(module_service, POINT) as older, WsPoint(module_service, POINT) as newer:
        await until("the older one is closed", lambda: older.close_code is not None)
        assert older.close_code == 4409
        assert newer.close_code is None
