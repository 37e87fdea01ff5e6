"""The crowd against the real service: joining, scripts, leaving, coming back, refusals; and the console beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness.crowd import SILENT, Confirmation, Crowd, CrowdPoint, RefusedError, Script
from tests.harness.crowd_console import CrowdConsole
from tests.harness.nation import evenly, points_of_5_september
from tests.harness.service import Service, start_service
from tests.harness.wait import until

pytestmark = pytest.mark.service

READY, RINGING, DELIVERED, ANSWERED, MISSED = 1, 2, 3, 4, 8


@pytest.fixture(scope="module")
def module_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Its calls stay as the points' scripts leave them for as long as a test looks."""
    patient = {"CALLS__DELIVER_TIMEOUT_S": "120", "CALLS__ANSWER_TIMEOUT_S": "120", "CALLS__MEDIA_TIMEOUT_S": "120"}
    with start_service(tmp_path_factory.mktemp("service"), patient) as running:
        yield running


async def test_points_join_leave_and_come_back(module_service: Service) -> None:
    codes = evenly(points_of_5_september(), 60)
    async with CrowdConsole(module_service) as console, Crowd(module_service) as crowd:
        await crowd.join(codes)
        assert crowd.live == crowd.heard("welcome") == 60
        await until("the console sees them", lambda: all(console.state(code) == READY for code in codes))
        assert crowd[codes[0]].bytes_in > 500
        assert crowd[codes[0]].token
        await crowd.leave(codes[:10])
        crowd.drop(codes[10:20])
        await until("the console sees them go", lambda: console.in_state(READY) == 40)
        await until("who left has left", lambda: {crowd[code].close_code for code in codes[:10]} == {1000})
        await until("their lines have ended", lambda: {crowd[code].close_code for code in codes[10:20]} == {1006})
        await crowd.join(codes)
        assert crowd.live == 60
        assert crowd.count("welcome") == 80
        await until("the console sees them again", lambda: console.in_state(READY) == 60)
        assert not crowd.retries
    assert console.bytes_in > sum(console.bytes_by_type.values())


async def test_scripts(module_service: Service) -> None:
    heard: list[tuple[str, str]] = []

    def note(point: CrowdPoint, kind: str, _text: bytes) -> None:
        heard.append((point.code, kind))

    scripts = {
        "26740": Script(),
        "00001": Script(ring="answer", roll_call=Confirmation("Trần Văn Minh", "Chủ tịch")),
        "00004": Script(ring="decline", answer_after_s=0.1, on_message=note),
        "00006": SILENT,
    }
    async with CrowdConsole(module_service) as console, Crowd(module_service) as crowd:
        for code, script in scripts.items():
            await crowd.join([code], script)
        answers = [await console.begin("place_call", point=code) for code in scripts]
        assert all(0 < answer.took_s < 10 for answer in answers)
        wanted = {"26740": DELIVERED, "00001": ANSWERED, "00004": MISSED, "00006": RINGING}
        await until("each does as it is told", lambda: {code: console.state(code) for code in scripts} == wanted)
        assert console.calls[answers[2].call]["cause"] == "declined"
        assert [kind for _, kind in heard if kind == "ring"] == ["ring"]
        assert {code for code, _ in heard} == {"00004"}
        for answer in answers:
            await console.order("cancel_call" if answer is not answers[1] else "end_call", call=answer.call)

        refused = await console.order("end_call", call="c999")
        assert not refused.is_ack
        assert refused.message["error"]["code"] == "unknown_call"
        roll_call = (await console.order("start_roll_call", seconds=60)).roll_call
        crowd["00006"].script = Script(roll_call=Confirmation(after_s=0.1))
        crowd["26740"].say("present", roll_call=roll_call, name="Lê Thị Hoa")
        await until("counted", lambda: console.boards.get(roll_call, {}).get("total", {}).get("present", 0) >= 2)

        def is_told() -> bool:
            mine = crowd["00001"].message("roll_call")
            assert mine is not None
            assert (mine["roll_call"]["presence"], mine["roll_call"]["name"]) == ("present", "Trần Văn Minh")
            return True

        await until("the point is told so itself", is_told)
        assert (await console.order("close_roll_call", roll_call=roll_call)).is_ack


async def test_an_answer_that_was_not_recorded_is_said_again(module_service: Service) -> None:
    async with CrowdConsole(module_service) as console, Crowd(module_service) as crowd:
        await crowd.join(["26740"], Script(roll_call=Confirmation(after_s=60)))
        roll_call = (await console.order("start_roll_call", seconds=60, units=["26740"])).roll_call
        await until("asked", lambda: crowd.heard("roll_call") == 1)
        crowd["26740"]._receive(b'{"type":"error","id":null,"error":{"code":"unavailable","retry_after_s":1}}')
        await until("said again", lambda: console.boards.get(roll_call, {}).get("total", {}).get("present") == 1)
        assert (await console.order("close_roll_call", roll_call=roll_call)).is_ack


async def test_a_console_sees_its_scope_only(module_service: Service) -> None:
    async with CrowdConsole(module_service, scope=("79",)) as console, Crowd(module_service) as crowd:
        await crowd.join(["00001", "26740"])
        await until("its own", lambda: console.state("26740") == READY)
        assert console.state("00001") == 15
        with pytest.raises(RefusedError, match="bad_credential"):
            await crowd.join(["no-such-point"])


async def test_a_crowd_that_is_too_fast_or_loses_its_service_comes_back(service: Service) -> None:
    codes = evenly(points_of_5_september(), 50)
    async with Crowd(service, reconnects=True) as crowd:
        await crowd.join(codes)
        crowd.drop(codes[:10])
        crowd.drop(codes[10:20], for_good=False)
        await until("ten are back, ten stay away", lambda: crowd.live == 40 and crowd.count("welcome") == 60)
        old = service.kill("signaling")
        await until("all others are back after the process's end", lambda: crowd.count("welcome") == 100, within_s=60)
        assert crowd.live == 40
        assert service.is_replaced("signaling", old)


async def test_too_many_at_once_are_told_when_to_come(tmp_path_factory: pytest.TempPathFactory) -> None:
    limits = {"LIMITS__JOINS_PER_ADDRESS_BURST": "20", "LIMITS__JOINS_PER_ADDRESS_PER_S": "4"}
    with start_service(tmp_path_factory.mktemp("limited"), limits) as limited:
        async with Crowd(limited) as crowd:
            await crowd.join(evenly(points_of_5_september(), 40), within_s=90)
            assert crowd.live == 40
            assert crowd.retries["503"] > 0
