"""The whole thing as people use it: a center and two communes, each a Chromium of its own with its own colour and tone."""

import json
from typing import Any

import pytest

from tests.e2e.pages import ConsolePage, PointPage
from tests.harness.browser import Browsers, Screen, is_among
from tests.harness.service import Service
from tests.harness.wait import stays, until
from tests.harness.webrtc import is_near

pytestmark = [pytest.mark.browser, pytest.mark.service]

CENTER, CENTER_HZ = (200, 40, 40), 500
A, A_HZ, A_CODE = (40, 60, 200), 800, "26740"
B, B_HZ, B_CODE = (30, 160, 60), 1300, "00001"


async def negotiations(screen: Screen) -> list[int]:
    return [c["negotiations"] for c in await screen.connections()]


async def test_first_light(browsers: Browsers, service: Service) -> None:
    center = ConsolePage(await browsers.open("center", CENTER, CENTER_HZ), service, "center")
    a = PointPage(await browsers.open("A", A, A_HZ), service, A_CODE)
    b = PointPage(await browsers.open("B", B, B_HZ), service, B_CODE)

    await center.open()
    await center.start_center()
    await a.join()
    await b.join()
    for point in (a, b):
        await point.screen.sees(point.MAIN, CENTER)
        await point.screen.hears(CENTER_HZ)
        assert await point.screen.live_devices() == [], "no camera before a call"
    viewers = {screen.name: len(await screen.connections()) for screen in browsers.screens}
    assert viewers["A"] == viewers["B"] == 1

    card = await center.call(A_CODE)
    await a.answer()
    await center.state(card, "preview")
    await center.screen.sees(center.picture(card), A)
    await center.listen(card)
    await center.screen.hears(A_HZ)
    assert is_near(await b.screen.colour(b.MAIN), CENTER), "nobody but the center sees a preview"

    await center.command(card, "take")
    await b.screen.sees(b.MAIN, A)
    await b.screen.sees(b.INSET, CENTER)
    await b.screen.hears(A_HZ)
    await b.screen.hears(CENTER_HZ)
    await a.tally("on_air")
    await a.screen.sees(a.MAIN, CENTER)

    async def a_hears_no_echo() -> bool:
        return not is_among(A_HZ, await a.screen.tones())

    await stays("A does not hear itself", a_hears_no_echo, for_s=2)
    assert is_near(await a.screen.colour(a.MAIN), CENTER)

    await center.command(card, "off_air")
    for point in (a, b):
        await point.screen.sees(point.MAIN, CENTER)

    async def b_hears_a_no_more() -> bool:
        return not is_among(A_HZ, await b.screen.tones())

    await until("B hears A no more", b_hears_a_no_more)

    assert sorted(await a.screen.live_devices()) == ["audio", "video"]
    await center.command(card, "end_call")

    async def camera_is_off() -> bool:
        return await a.screen.live_devices() == []

    await until("A's camera is off", camera_is_off)
    await a.screen.sees(a.MAIN, CENTER)

    made = {screen.name: await negotiations(screen) for screen in browsers.screens}
    print(json.dumps({"peer_connections_and_their_negotiations": made}))
    assert made["B"] == [1], "being moved from picture to picture is no negotiation"
    assert made["A"] == [1, 1], "one viewer, and one publisher for the call"
    assert made["center"] == [1] * len(made["center"])
    assert len(made["center"]) == 2
    for screen in browsers.screens:
        assert screen.navigations == 1
        await screen.assert_quiet()


async def last_call(service: Service) -> dict[str, Any]:
    calls = service.calls()
    assert calls, "none was placed yet"
    return calls[0]


async def test_a_commune_declines_with_a_reason(browsers: Browsers, module_service: Service) -> None:
    center = ConsolePage(await browsers.open("center", CENTER, CENTER_HZ), module_service, "operator")
    a = PointPage(await browsers.open("A", A, A_HZ), module_service, A_CODE)
    await center.open()
    await a.join()
    await center.call(A_CODE)
    await a.decline("đang họp khẩn")

    async def is_on_record() -> bool:
        call = await last_call(module_service)
        assert call["cause"] == "declined", call
        return "đang họp khẩn" in json.dumps(call, ensure_ascii=False)

    await until("declined, with the reason on the record", is_on_record)
    assert await a.screen.live_devices() == [], "declining never opened the camera"


async def test_a_refused_camera_is_told_apart(browsers: Browsers, module_service: Service) -> None:
    center = ConsolePage(await browsers.open("center", CENTER, CENTER_HZ), module_service, "operator")
    a = PointPage(await browsers.open("A", A, A_HZ), module_service, A_CODE)
    await center.open()
    await a.join()
    await a.screen.evaluate("() => { window.__refuseDevices = 'NotAllowedError' }")
    await center.call(A_CODE)
    await a.answer()

    async def is_on_record() -> bool:
        call = await last_call(module_service)
        assert call["cause"] == "no_device", call
        return "NotAllowedError" in json.dumps(call)

    await until("no_device, with the browser's word on the record", is_on_record)


async def test_an_offline_commune_fails_at_once(browsers: Browsers, module_service: Service) -> None:
    center = ConsolePage(await browsers.open("center", CENTER, CENTER_HZ), module_service, "operator")
    await center.open()
    await center.screen.page.evaluate("() => { const box = document.querySelector('#only-live'); if (box.checked) box.click() }")
    await center.screen.page.fill("#search", "00004")
    await center.screen.page.click("#point-00004")
    await center.screen.page.click("#call")

    async def is_on_record() -> bool:
        return bool((await last_call(module_service))["cause"] == "offline")

    await until("offline, on the record", is_on_record)
