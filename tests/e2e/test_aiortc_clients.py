"""An independent WebRTC stack on both sides: what it sends is what it sees and hears, whoever is on air."""

import pytest

from tests.harness.desks import WsConsole, WsPoint
from tests.harness.service import Service
from tests.harness.wait import until
from tests.harness.webrtc import RefusedError, TestPublisher, TestViewer, is_near

pytestmark = pytest.mark.service

CENTER, GUEST = (200, 40, 40), (40, 60, 200)
CENTER_HZ, GUEST_HZ = 500, 1300
POINT, OTHER = "26740", "00001"


async def test_the_center_is_seen_and_heard(module_service: Service) -> None:
    center = module_service.token("center")
    async with (
        TestPublisher(module_service, center, CENTER, CENTER_HZ) as publisher,
        TestViewer(module_service, module_service.token("viewer")) as viewer,
    ):
        await viewer.sees("main", CENTER)
        await viewer.hears("center", CENTER_HZ)
        frames = viewer.frames("main")
        await until("the picture goes on", lambda: viewer.frames("main") >= frames + 30)
        assert viewer.frames("inset") == 0
        assert await publisher.close() == 200


async def test_a_point_on_air_takes_the_programme_and_gives_it_back(module_service: Service) -> None:
    service = module_service
    async with (
        WsConsole(service, "center") as console,
        WsPoint(service, POINT) as point,
        WsPoint(service, OTHER) as other,
        TestPublisher(service, service.token("center"), CENTER, CENTER_HZ),
        TestViewer(service, point.token) as seen_by_point,
        TestViewer(service, other.token) as seen_by_other,
        TestViewer(service, service.token("operator"), "console") as seen_by_console,
    ):
        for viewer in (seen_by_point, seen_by_other, seen_by_console):
            await viewer.sees("main", CENTER)
        call = await console.place_call(POINT)
        await point.ring()
        async with TestPublisher(service, point.token, GUEST, GUEST_HZ):
            await point.say("answer", call)
            await console.call_state(call, "preview")
            await seen_by_console.sees("monitor1", GUEST)
            await seen_by_console.hears("monitor1", GUEST_HZ)
            assert is_near(seen_by_other.colour("main"), CENTER), "nobody else sees a preview"
            assert (await console.command("take", call=call))["type"] == "ack"
            await seen_by_other.sees("main", GUEST)
            await seen_by_other.sees("inset", CENTER)
            await seen_by_other.hears("guest1", GUEST_HZ)
            await seen_by_point.sees("main", CENTER)
            assert seen_by_point.tone_hz("guest1") == 0, "nobody hears himself"
            assert (await console.command("off_air", call=call))["type"] == "ack"
            await seen_by_other.sees("main", CENTER)
            assert (await console.command("end_call", call=call))["type"] == "ack"
            await console.call_state(call, "ended")


async def test_a_point_may_send_only_while_it_is_called(module_service: Service) -> None:
    service = module_service
    async with WsPoint(service, POINT) as point:
        with pytest.raises(RefusedError) as refused:
            await TestPublisher(service, point.token, GUEST, GUEST_HZ).open()
        assert refused.value.status == 403


async def test_without_a_token_nobody_joins(module_service: Service) -> None:
    with pytest.raises(RefusedError) as refused:
        await TestViewer(module_service, "nonsense").open()
    assert refused.value.status == 401
