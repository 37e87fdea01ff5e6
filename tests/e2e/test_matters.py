"""A point that is not reached: the ladder from its roster to its district, its call back and its word, on one record."""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.pages import ConsolePage, PointPage
from tests.harness.browser import Browsers
from tests.harness.desks import WsConsole, WsPoint
from tests.harness.service import Service
from tests.harness.wait import until

WARD = "26740"


def district_of(service: Service, point: str) -> str:
    """The unit right above a point's own."""
    units = {row[0]: row[2] for row in json.loads(service.get("/api/directory", service.token("operator"))[1])["units"]}
    return str(units[point])


def import_roster(service: Service, folder: Path) -> str:
    """Runs `diemcau roster import` with a shift that is under way; what it says."""

    def text(at_s: float) -> str:
        return time.strftime("%Y-%m-%d %H:%M", time.gmtime(at_s + 7 * 3600))

    start, end = text(time.time() - 3600), text(time.time() + 3600)
    file = folder / "truc.csv"
    file.write_text(
        "Điểm cầu;Bắt đầu;Kết thúc;STT;Họ tên;Chức vụ;Hình thức;Liên hệ\n"
        f"{WARD};{start};{end};1;Nguyễn Thị Lan;Phó Chủ tịch;Điện thoại;0901 234 567\n"
    )
    command = [sys.executable, "-m", "cli.main", "roster", "import", str(file), "--data-dir", str(service.data_dir)]
    flags = ["--set", f"http.port={service.base_url.rpartition(':')[2]}"]
    done = subprocess.run([*command, *flags], check=True, timeout=60, capture_output=True, text=True)
    return done.stdout


def record(service: Service, call: str) -> dict[str, Any]:
    """The whole record of a call."""
    status, text = service.get(f"/api/sessions/main/records/{call}", service.token("operator"))
    assert status == 200, text
    return dict(json.loads(text))


@pytest.mark.service
async def test_a_ladder_survives_the_death_of_its_process(service: Service, tmp_path: Path) -> None:
    said = await asyncio.to_thread(import_roster, service, tmp_path)
    assert said == "1 points, 1 of them with another roster than before\n"
    district = district_of(service, WARD)
    async with WsConsole(service) as console, WsPoint(service, district) as desk:
        call = (await console.command("place_call", point=WARD))["call"]
        ack = await console.command("escalate", call=call)
        assert ack["made"] == "e1", ack
        old = service.kill("signaling")
        await until("another process serves", lambda: service.is_replaced("signaling", old))
        await until("ready again", lambda: asyncio.to_thread(service.is_ready), within_s=30)
        await console.reconnect()
        marked = await console.command("mark_contact", call=call, step=0, outcome="no_answer", note="không ai nhấc máy")
        assert marked["type"] == "ack", marked
        await desk.reconnect()
        alert = (await desk.message("alert"))["alert"]
        assert (alert["record"], alert["cause"]) == (call, "offline")
        await desk.send({"type": "confirm_alert", "record": call, "reached": True, "name": "Minh", "text": "đã gặp"})
        await desk.message("alert_over")
        async with WsPoint(service, WARD) as point:
            assert [each["id"] for each in (await point.message("missed"))["calls"]] == [call]
            await point.send({"type": "call_back", "call": call, "note": "đường truyền vừa có lại"})
            await point.send({"type": "explain", "call": call, "name": "Lan", "text": "Liên kết vừa được đổi."})
            await point.message("missed", lambda message: message["calls"] == [])
    found = await asyncio.to_thread(record, service, call)
    assert [line["what"] for line in found["lines"]] == [
        "placed",
        "failed",
        "escalation_started",
        "step_phone",
        "outcome_no_answer",
        "step_above",
        "alert_confirmed",
        "outcome_reached",
        "escalation_reached",
        "called_back",
        "explained",
    ]
    logged = [event["type"] for event in service.event_log() if event["type"] in {"escalation_started", "escalation_ended"}]
    assert logged == ["escalation_started", "escalation_ended"]


@pytest.mark.browser
@pytest.mark.service
async def test_the_controls_of_the_pages(service: Service, browsers: Browsers) -> None:
    point = PointPage(await browsers.open("point", (200, 60, 30), 400), service, WARD)
    console = ConsolePage(await browsers.open("console", (30, 60, 160), 500), service)
    await point.join()
    await console.open()
    page, desk = console.screen.page, point.screen.page
    await console.call(WARD)
    await point.decline("đang bận")
    await console.board("record")
    await page.click("#escalate")
    await page.wait_for_selector("#ladder[data-state=running]")
    await desk.click("[data-call-back]")
    await page.wait_for_selector("#ladder[data-state=reached]")
    await page.wait_for_selector("#called-back")
    await desk.fill("[data-missed] input", "Nguyễn Thị Lan")
    await desk.fill("[data-missed] textarea", "Liên kết vừa được đổi.")
    await desk.click("[data-explain]")
    await desk.wait_for_selector("[data-missed]", state="detached")
    await page.wait_for_selector("#explained")
    await page.click("#open-incident")
    await page.wait_for_selector("#incident [data-what=explained]")
    await page.click("#incident .incident-head button")
    await console.board("agenda")
    await page.click("#list-add")
    await page.click("#list-start")
    await point.answer()
    await page.wait_for_selector("[data-list] [data-state=current]")
    await page.click("#agenda [data-command=stop_call_list]")
    await page.wait_for_selector("[data-list]", state="detached")
