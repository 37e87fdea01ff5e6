"""Directives, proposals, an agenda and a draw against the real service: over HTTP and WebSocket, and on the pages."""

import contextlib
import json
import time
import urllib.request
from typing import Any

import pytest

from bridge.codec import decode_event
from bridge.draw import verify
from bridge.draw_events import PointsDrawn
from tests.e2e.pages import ConsolePage, PointPage
from tests.harness.browser import Browsers
from tests.harness.desks import WsConsole, WsPoint
from tests.harness.service import Service

pytestmark = pytest.mark.service

FIRST, SECOND, THIRD = "26740", "00001", "00004"
TEXT = "1. Trực 24/7.\n2. Báo cáo trước 17 giờ."


def soon(seconds: float = 3_600) -> int:
    """A deadline."""
    return time.time_ns() // 1_000_000 + round(seconds * 1000)


def body(service: Service, path: str, token: str | None = None) -> dict[str, Any]:
    """What the service answers."""
    status, text = service.get(path, token or service.token("center"))
    assert status == 200, text
    return dict(json.loads(text))


def post(service: Service, path: str, sent: dict[str, Any], token: str) -> dict[str, Any]:
    """What the service answers to what is sent."""
    request = urllib.request.Request(
        service.base_url + path,
        data=json.dumps(sent).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return dict(json.loads(response.read()))


async def test_a_directive_to_the_whole_country_with_one_laggard_less(module_service: Service) -> None:
    service = module_service
    async with contextlib.AsyncExitStack() as stack:
        console = await stack.enter_async_context(WsConsole(service, "center"))
        desk = await stack.enter_async_context(WsPoint(service, FIRST))
        ack = await console.command("issue_directive", title="Tám việc", text=TEXT, deadline=soon())
        assert ack["type"] == "ack", ack
        directive = ack["made"]
        told = (await desk.message("directive", lambda m: m["directive"]["id"] == directive))["directive"]
        assert (told["answer"], "text" in told) == ("waiting", False)
        assert body(service, f"/api/directives/{directive}", desk.token)["text"] == TEXT
        await desk.send({"type": "acknowledge_directive", "directive": directive, "name": "Lan"})
        await desk.message("directive", lambda m: m["directive"]["id"] == directive and m["directive"]["answer"] == "in_time")
        board = await console.message(
            "directive_board", lambda m: m["directive"]["id"] == directive and m["directive"]["total"]["in_time"] == 1
        )
        province = board["directive"]["units"]
        assert all(row["in_time"] == 0 for row in province if row["unit"] != "79")
        of_79 = body(service, f"/api/directives/{directive}/points?status=in_time", service.token("operator", ("79",)))
        assert [(row["point"], row["name"]) for row in of_79["points"]] == [(FIRST, "Lan")]
        missing = body(service, f"/api/directives/{directive}/points?limit=20000", service.token("operator", ("79",)))
        assert len(missing["points"]) == of_79["directive"]["total"]["addressed"] - 1
        assert FIRST not in {row["point"] for row in missing["points"]}


async def test_a_draw_is_drawn_again_from_the_log_alone(module_service: Service) -> None:
    service = module_service
    drawn = post(service, "/api/sessions/main/draws", {"count": 5, "only": "all"}, service.token("center"))
    assert len({row["point"] for row in drawn["drawn"]}) == 5
    assert drawn["candidates"] > 10_000
    events = [decode_event({key: value for key, value in line.items() if key != "sequence"}) for line in service.event_log()]
    recorded = [event for event in events if isinstance(event, PointsDrawn)]
    assert [row["point"] for row in drawn["drawn"]] == list(recorded[-1].drawn)
    assert all(verify(event) for event in recorded)


async def test_a_proposal_goes_up_and_comes_back_answered(module_service: Service) -> None:
    service = module_service
    async with WsPoint(service, FIRST) as desk:
        await desk.send({"type": "send_proposal", "text": "Trạm y tế cần thêm ô-xy"})
        sent = (await desk.message("proposals"))["proposals"][0]
        path = f"/api/proposals/{sent['id']}"
        post(service, f"{path}/forward", {"unit": "79", "text": "Ngoài khả năng"}, service.token("operator"))
        post(service, f"{path}/answer", {"outcome": "accepted", "text": "Cấp 50 bình"}, service.token("operator", ("79",)))
        done = await desk.message("proposals", lambda m: m["proposals"][0]["state"] == "accepted")
        assert done["proposals"][0]["reply"] == "Cấp 50 bình"
        whole = body(service, path, desk.token)
        assert [step["state"] for step in whole["steps"]] == ["forwarded", "accepted"]


async def test_on_the_pages(module_service: Service, browsers: Browsers) -> None:
    service = module_service
    console = ConsolePage(await browsers.open("console", (200, 40, 40), 440), service)
    desk = PointPage(await browsers.open("desk", (40, 200, 40), 660), service, SECOND)
    await console.open()
    await desk.join()
    page, point = console.screen.page, desk.screen.page

    await console.board("directives")
    await page.click("#directives summary")
    await page.fill("#directive-title", "Tám việc trên trang")
    await page.fill("#directive-text", TEXT)
    await page.fill("#directive-deadline", time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + 2 * 86_400)))
    await page.click("#directive-issue")
    card = "#directives article:has-text('Tám việc trên trang')"
    await desk.card(card)
    await point.click(f"{card} [data-command=read]")
    await point.wait_for_selector(f"{card} >> text=Báo cáo trước 17 giờ.")
    await point.fill(f"{card} input >> nth=0", "Nguyễn Thị Lan")
    await point.click(f"{card} [data-command=acknowledge]")
    await point.wait_for_selector(card, state="detached")
    await page.wait_for_selector("#directives .board-total:has-text('1 / ')")
    await page.click("#directive-read")
    await page.wait_for_selector("#directive-whole >> text=Báo cáo trước 17 giờ.")

    await desk.put_aside()
    await point.click("#proposals summary")
    await point.fill("#proposal-text", "Cần thêm xe cứu thương")
    await point.click("#proposal-send")
    row = "#proposals li:has-text('Cần thêm xe cứu thương')"
    await console.board("proposals")
    await page.fill(f"{row} input", "Đã rõ")
    await page.click(f"{row} [data-outcome=noted]")
    await point.wait_for_selector(f"{row}[data-state=noted]")

    await console.board("draw")
    await page.select_option("#draw-only", "all")
    await page.fill("#draw-count", "3")
    await page.click("#draw-go")
    await page.wait_for_selector("#drawn li >> nth=2")

    await page.fill("#search", SECOND)
    await page.click(f"#point-{SECOND}")
    await console.board("agenda")
    await page.fill("#agenda-subject", "Tình hình cách ly")
    await page.click("#agenda-add")
    await page.wait_for_selector("#agenda li[data-state=waiting]")
    await page.click("#agenda-next")
    await desk.answer()
    await page.wait_for_selector("#agenda li[data-state=speaking]", timeout=40_000)
    await console.board("floor")
    await page.click("#floor-take-back")
    await console.board("agenda")
    await page.wait_for_selector("#agenda li[data-state=done]")
    for screen in (console.screen, desk.screen):
        await screen.assert_quiet()
