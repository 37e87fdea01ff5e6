"""The administration page against the real service, as people use it: by name and password, with mouse and with keys alone."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import cv2
import numpy as np
import openpyxl
import pytest
from playwright.async_api import Page

from tests.e2e.test_login import account
from tests.harness.axe import assert_accessible
from tests.harness.browser import Browsers, Screen
from tests.harness.service import Service

PASSWORD = "mật khẩu của trung tâm"
WARD = "27286"
"""Phường 03, Quận 4, in the national directory."""
ROSTER = f"""point,start,end,order,name,function,kind,target
{WARD},2026-09-02 07:00,2026-09-02 19:00,1,Nguyễn Thị Lan,Phó Chủ tịch,phone,0901 234 567
{WARD},2026-09-02 07:00,2026-09-02 19:00,2,Trần Văn Ba,,phone,0902 234 567
"""
SECTIONS = ("units", "rosters", "indicators", "sessions", "reports", "accounts", "audit")

pytestmark = [pytest.mark.browser, pytest.mark.service]


@pytest.fixture(scope="module")
def center(module_service: Service) -> Service:
    """A service with one national center, `minh`."""
    words = ("add", "minh", "--role", "center", "--scope", "VN", "--display-name", "Nguyễn Văn Minh", "--password-stdin")
    account(module_service, *words, typed=PASSWORD + "\n")
    return module_service


async def enter(
    browsers: Browsers,
    service: Service,
    place: str = "",
    name: str = "minh",
    password: str = PASSWORD,
    size: tuple[int, int] = (1366, 768),
) -> Screen:
    """Comes to a section of the administration page by the login."""
    screen = await browsers.open(f"admin-{name}", (60, 60, 60), 400, size=size)
    await screen.goto(f"{service.base_url}/admin#/{place}")
    await screen.page.wait_for_url("**/login#next=*")
    await screen.page.fill("#name", name)
    await screen.page.fill("#password", password)
    await screen.page.click("#enter button")
    await screen.page.wait_for_selector("#title")
    assert screen.page.url.endswith(f"/admin#/{place}")
    return screen


async def go_to(page: Page, place: str) -> None:
    """Comes to another place of the administration page, and waits until it is there with what it shows."""
    await page.evaluate(
        """(place) => new Promise((done) => {
            if (location.hash === `#/${place}`) done();
            addEventListener("hashchange", () => done(), { once: true });
            location.hash = `#/${place}`;
        })""",
        place,
    )
    await page.wait_for_function(
        "(section) => document.querySelector('#main')?.dataset.section === section", arg=place.split("/", maxsplit=1)[0]
    )
    await page.wait_for_function("() => document.querySelector('#title') && !document.querySelector('.loading')")


async def choose_unit(page: Page, field: str, typed: str, unit: str) -> None:
    """Finds a unit by typing without diacritics, and takes it."""
    await page.fill(f"#{field}", typed)
    await page.click(f"#{field}-list [data-unit='{unit}']")


async def downloaded(page: Page, button: str) -> tuple[str, bytes]:
    """Presses a button that saves a file: its name and what is in it."""
    async with page.expect_download() as coming:
        await page.click(button)
    download = await coming.value
    return download.suggested_filename, await asyncio.to_thread(Path(await download.path()).read_bytes)


async def assert_calm(screen: Screen, *refused: str) -> None:
    """No exception and no violation of the content policy; of requests only those with these statuses were refused."""
    errors = await screen.evaluate("() => window.__probe.errors")
    told = tuple(f"status of {status}" for status in refused)
    loud = [line for line in screen.console if line.startswith(("error", "exception")) and not any(each in line for each in told)]
    assert not errors
    assert not loud


async def test_an_account_is_made_and_logs_in_as_what_it_is(browsers: Browsers, center: Service) -> None:
    screen = await enter(browsers, center, "accounts/new")
    page = screen.page
    await page.fill("#account-name", "Không hợp lệ")
    await page.fill("#account-display", "Trần Thị Lan")
    await page.click("[data-unit=VN] button")
    await choose_unit(page, "account-scope", "quan 4 ho chi minh", "773")
    await page.click("#account-save")
    await page.wait_for_selector("#account-name-fault")
    assert await page.input_value("#account-display") == "Trần Thị Lan"
    assert await page.get_attribute("#account-name", "aria-invalid") == "true"
    await page.fill("#account-name", "lan")
    await page.click("#account-save")
    password = await page.inner_text("#password-once")
    await page.click("#password-noted")
    assert password not in await page.content()

    desk = await enter(browsers, center, "units", "lan", password)
    assert await desk.page.inner_text("#title") == "Quận 4"
    shown = await desk.evaluate("() => [...document.querySelectorAll('.side a')].map((link) => link.id)")
    assert shown == ["go-units", "go-rosters", "go-indicators", "go-sessions", "go-reports"]
    await desk.goto(f"{center.base_url}/admin#/units/79")
    await desk.page.reload()
    await desk.page.wait_for_selector(".notice-bad")

    await page.click("#account-able")
    await page.click("#account-confirm [data-confirm]")
    await page.wait_for_selector(".heading .badge-off")
    await desk.page.reload()
    await desk.page.wait_for_url("**/login#next=*")
    await page.click("#go-audit")
    await page.wait_for_selector("#audit tbody tr")
    assert "center:minh" in await page.inner_text("#audit tbody tr:first-child")
    await assert_calm(screen, "400")


async def test_a_roster_with_a_fault_and_then_without(browsers: Browsers, center: Service, tmp_path: Path) -> None:
    screen = await enter(browsers, center, "rosters/import")
    page = screen.page
    faulty, good = tmp_path / "faulty.csv", tmp_path / "good.csv"
    faulty.write_text(ROSTER + "99999,2026-09-02 07:00,2026-09-02 19:00,1,Ai,,phone,0901 234 567\n")
    good.write_text(ROSTER)
    await page.set_input_files("#roster-file", faulty)
    await page.click("#roster-send")
    row = await page.inner_text(".faults tbody tr")
    assert row.split("\t")[0] == "4"
    assert "99999" in row
    await page.set_input_files("#roster-file", good)
    await page.click("#roster-check")
    assert "Chưa nhập gì" in await page.inner_text("#roster-done")
    await page.click("#roster-send")
    await page.wait_for_function("() => document.querySelector('#roster-done')?.textContent.includes('Đã nhập')")

    await page.goto(f"{center.base_url}/admin#/rosters/point/{WARD}")
    await page.wait_for_selector("#shift-0-contact-1-name")
    assert await page.input_value("#shift-0-start") == "2026-09-02T07:00"
    await page.click(".contact:nth-child(2) .contact-order button:first-child")
    assert await page.input_value("#shift-0-contact-0-name") == "Trần Văn Ba"
    await page.click("#shift-add")
    await page.fill("#shift-1-end", "2026-09-02T18:00")
    await page.click("#roster-save")
    await page.wait_for_selector("#shift-1-end-fault")
    await page.wait_for_selector("#shift-1-end:focus")
    await page.click("#go-sessions")  # leaving now would lose it
    await page.wait_for_selector("#leave-confirm")
    await page.click("#leave-confirm .button:first-child")
    assert "#/rosters" in page.url
    await page.fill("#shift-1-end", "2026-09-03T07:00")
    await page.click("#roster-save")
    await page.wait_for_selector("#roster-saved")
    status, body = center.get(f"/api/rosters/{WARD}", center.token("center"))
    roster = json.loads(body)
    assert (status, [len(shift["contacts"]) for shift in roster["shifts"]]) == (200, [2, 2])
    assert roster["shifts"][0]["contacts"][0]["name"] == "Trần Văn Ba"


async def test_a_session_is_prepared_opened_closed_and_reported(browsers: Browsers, center: Service) -> None:
    screen = await enter(browsers, center, "sessions/new")
    page = screen.page
    await page.fill("#session-title", "Giao ban Quận 4")
    await choose_unit(page, "session-units", "q4 hcm", "773")
    await page.click("#session-prepare")
    await page.click("#session-open")
    await page.wait_for_selector("#session-said")
    session = page.url.rpartition("/")[2]
    order = {"kind": "place_call", "point": WARD}
    status, _ = center.post(f"/api/sessions/{session}/orders", center.token("center", session="*"), order)
    assert status == 200
    await page.click("#session-close")
    await page.click("#close-confirm [data-confirm]")
    await page.wait_for_function("() => document.querySelector('#session-said')?.textContent.includes('đã đóng')")
    await page.click("#session-report")
    await page.wait_for_selector("#plot-causes canvas")
    assert "0 / 1" in await page.inner_text("#report-totals")
    name, book = await downloaded(page, "#report-xlsx")
    assert name == f"report-{session}.xlsx"
    assert WARD in str(list(openpyxl.load_workbook(io.BytesIO(book))["Cuộc gọi"].values))
    await page.click("[data-table=calls]")
    name, table = await downloaded(page, "#report-csv")
    assert (name, WARD in table.decode("utf-8-sig")) == ("calls.csv", True)
    name, paper = await downloaded(page, "#report-html")
    assert (name, "Giao ban Quận 4" in paper.decode()) == (f"report-{session}.html", True)
    await assert_calm(screen, "404")  # a service without recordings


async def test_a_link_by_its_code_and_the_end_of_the_old_one(browsers: Browsers, center: Service) -> None:
    screen = await enter(browsers, center, f"units/point/{WARD}")
    page = screen.page
    await page.click("#link-show")
    old = await page.inner_text("#link")
    assert old == center.point_link(WARD)
    assert await decoded(page) == old
    desk = await browsers.open("desk", (10, 150, 20), 500)
    await desk.goto(old)
    await desk.page.click("#join")
    await desk.page.wait_for_selector("#line[data-line=live]")
    await page.click("#link-rotate")
    await page.click("#rotate-confirm .button:first-child")  # no, go back
    assert await page.inner_text("#link") == old
    await page.click("#link-rotate")
    await page.click("#rotate-confirm [data-confirm]")
    await page.wait_for_selector("#link-replaced")
    new = await page.inner_text("#link")
    assert new != old
    assert await decoded(page) == new
    await desk.page.wait_for_function("() => document.body.innerText.includes('Liên kết không đúng')")
    fresh = await browsers.open("fresh", (10, 20, 150), 600)
    await fresh.goto(new)
    await fresh.page.click("#join")
    await fresh.page.wait_for_selector("#line[data-line=live]")
    assert old.partition("#")[2] not in center.log()
    assert new.partition("#")[2] not in center.log()


async def decoded(page: Page) -> str:
    """What a camera reads of the code on the screen."""
    picture = cv2.imdecode(np.frombuffer(await page.locator(".qr").screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return cv2.QRCodeDetector().detectAndDecode(picture)[0]


async def test_units_are_checked_before_they_are_kept(browsers: Browsers, center: Service, tmp_path: Path) -> None:
    screen = await enter(browsers, center, "units/773")
    page = screen.page
    name, sheets = await downloaded(page, "#sheets")
    assert (name, sheets[:5]) == ("links-773.pdf", b"%PDF-")
    await page.click("#units-import")
    name, table = await downloaded(page, ".steps .button")
    assert name == "units.csv"
    path = tmp_path / "units.csv"
    path.write_bytes(table.replace(b"773,", b"773;,", 1))
    await page.set_input_files("#units-file", path)
    await page.click("#units-check")
    await page.wait_for_selector(".faults tbody tr")
    path.write_bytes(table.replace("Quận 4,".encode(), "Quận Tư,".encode(), 1))
    await page.set_input_files("#units-file", path)
    await page.click("#units-check")
    await page.wait_for_selector("#units-changes .tile")
    assert "Quận Tư" in await page.inner_text("#units-changes table")
    await page.click("#units-keep")
    await page.click("#keep-confirm [data-confirm]")
    await page.wait_for_selector("#units-kept")
    await page.click("#go-units")
    await page.wait_for_selector("#units-coming")


@pytest.mark.parametrize(("size", "language"), [((1366, 768), "vi"), ((390, 844), "en")])
async def test_every_section_is_accessible_and_fits(
    browsers: Browsers, center: Service, size: tuple[int, int], language: str
) -> None:
    screen = await enter(browsers, center, "units", size=size)
    page = screen.page
    if language == "en":
        await page.click("#language")
    await page.wait_for_function("(language) => document.documentElement.lang === language", arg=language)
    for place in (
        *SECTIONS,
        f"units/point/{WARD}",
        f"rosters/point/{WARD}",
        "accounts/new",
        "sessions/new",
        "reports/session/main",
    ):
        await go_to(page, place)
        await assert_accessible(screen)
        assert await screen.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), place


async def test_by_keys_alone(browsers: Browsers, center: Service) -> None:
    screen = await enter(browsers, center, "accounts")
    page = screen.page
    await page.focus("#go-sessions")
    await page.keyboard.press("Enter")
    await page.wait_for_function("() => document.activeElement?.id === 'title' && document.querySelector('#session-new')")
    await page.focus("#session-new")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#session-title")
    await page.wait_for_selector("#title:focus")  # as one comes there; afterwards nothing takes the focus away
    await page.focus("#session-title")
    await page.keyboard.type("Chỉ bằng phím")
    await page.keyboard.press("Tab")
    await page.keyboard.type("long an")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".tag[data-unit='80']")
    await page.focus("#session-prepare")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#session-open")
    await assert_calm(screen, "404")
