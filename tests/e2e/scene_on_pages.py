"""The play of 2 September through the pages alone: what people press, from the roster of the day to the report of the meeting.

Nothing is ordered beside the pages but the start of the service and the first account. `tests/e2e/test_scene_on_pages.py` plays
it in Chromium, and with Firefox at the operator's desk and at the ward's; `tools/screenshots.py` plays it for the pictures of
docs/scenes/2-september.md. The crowd stands for the communes that nobody looks at.
"""

from __future__ import annotations

import asyncio
import contextlib
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, cast

from tests.e2e.pages import ConsolePage, PointPage
from tests.e2e.test_login import account
from tests.e2e.test_scene_2_september import DISTRICT_SAYS, DUTY_PHONE, EXPLANATION, MARK, ONCE, TITLE, roster_of_ward_10
from tests.harness.browser import Browsers, Screen
from tests.harness.crowd import Confirmation, Crowd, Script
from tests.harness.firefox import Foxes
from tests.harness.nation_2_september import DISTRICT_4, LONG_AN, PROVINCES, WARD_10, called_communes, south
from tests.harness.service import Service
from tests.harness.wait import until
from tests.harness.webrtc import Rgb

COMMUNES: Final = 60
LAPTOP, PHONE = (1366, 768), (390, 844)
CHAIR, CHAIR_HZ = (150, 40, 60), 500
DESK, DESK_HZ = (96, 84, 40), 330
FIRST, FIRST_HZ = (40, 60, 200), 700
SECOND, SECOND_HZ = (30, 140, 70), 900
DISTRICT, DISTRICT_HZ = (60, 120, 150), 1100
WARD, WARD_HZ = (150, 110, 170), 1300
RED: Final = "rgb(229, 56, 79)"

ADMINISTRATOR, PASSWORD = "trungtam", "mật khẩu của trung tâm"
OPERATOR: Final = "lan"
DUTY_OFFICER: Final = "Nguyễn Thị Lan"
SLOW_MS: Final = 40_000


def plain(text: str) -> str:
    """As people type into a search: small letters without marks."""
    bare = "".join(each for each in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(each))
    return bare.replace("đ", "d")


class Pictures:
    """What the screens show at each step, as numbered PNG files; nothing without a folder."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._taken = 0

    async def take(self, screen: Screen, name: str) -> None:
        """Save what a screen shows now."""
        if self._folder is None:
            return
        self._taken += 1
        await screen.page.screenshot(path=self._folder / f"{self._taken:02}-{name}.png")


class Play:
    """The screens of the day, each with whoever sits before it."""

    def __init__(self, service: Service, browsers: Browsers, foxes: Foxes | None, pictures: Pictures) -> None:
        self.service = service
        self.browsers = browsers
        self.foxes = foxes
        self.pictures = pictures
        self.directory = south(COMMUNES)
        self.session = ""

    def name(self, code: str) -> str:
        """The unit's name."""
        return self.directory.unit(code).name

    async def fox_or_chromium(self, name: str, colour: Rgb, hz: int, plate: str) -> Screen:
        """A screen that is Firefox where the play has foxes; its page has Playwright's names."""
        if self.foxes is not None:
            return cast("Screen", await self.foxes.open(name, size=LAPTOP))
        return await self.browsers.open(name, colour, hz, size=LAPTOP, plate=plate)

    async def enter(self, screen: Screen, page: str, name: str, password: str) -> None:
        """Opens a page of ours, is asked who one is, and says so."""
        await screen.goto(self.service.base_url + page)
        await screen.page.fill("#name", name)
        await screen.page.fill("#password", password)
        await screen.page.click("#enter button")

    async def said(self, screen: Screen, selector: str, text: str) -> None:
        """Waits until the element says so."""
        await screen.page.wait_for_function(
            "([selector, text]) => document.querySelector(selector)?.textContent.includes(text)", arg=[selector, text]
        )

    async def prepare(self, chair: Screen, roster: Path) -> str:
        """The administrator makes the operator's account, imports the roster, opens the meeting; the operator's password."""
        page = chair.page
        await self.enter(chair, "/admin#/accounts/new", ADMINISTRATOR, PASSWORD)
        await page.fill("#account-name", OPERATOR)
        await page.fill("#account-display", "Trần Thị Lan")
        await page.click("#account-save")
        password = await page.inner_text("#password-once")
        await page.click("#password-noted")

        await page.click("#go-rosters")
        await page.click("#roster-import")
        await page.set_input_files("#roster-file", roster)
        await page.click("#roster-send")
        await page.wait_for_selector("#roster-done")

        await page.click("#go-sessions")
        await page.click("#session-new")
        await page.fill("#session-title", TITLE)
        for unit in (unit for unit in PROVINCES if unit in {each.code for each in self.directory.units}):
            await page.fill("#session-units", plain(self.name(unit)))
            await page.click(f"#session-units-list [data-unit='{unit}']")
        await self.pictures.take(chair, "meeting")
        await page.click("#session-make-open")
        await page.wait_for_selector("#session-close")
        self.session = page.url.rpartition("/")[2]
        return password

    async def sit_down(self, console: ConsolePage, password: str) -> None:
        """The operator logs in, goes to the meeting and starts the recording."""
        page = console.screen.page
        await self.enter(console.screen, "/console", OPERATOR, password)
        await page.wait_for_selector(f"#session-choose option[value='{self.session}']", state="attached", timeout=SLOW_MS)
        await page.select_option("#session-choose", self.session)
        await page.wait_for_function(
            # The title comes with the welcome. The choice and a living line are there before the page is loaded anew, too.
            """([session, title]) => document.querySelector("#session-choose")?.value === session
                && document.querySelector("#session-choose")?.title === title
                && document.querySelector("#line")?.dataset.line === "live\"""",
            arg=[self.session, TITLE],
            timeout=SLOW_MS,
        )
        await page.click("#record")
        await page.wait_for_selector(".recording[data-recording=on]")

    async def go_on_air(self, chair: Screen) -> None:
        """The chair opens the center's screen and sends."""
        await chair.page.click("#to-center")
        await chair.page.wait_for_selector("#line[data-line=live]", state="attached")
        await chair.page.click("#center-start")
        await chair.page.wait_for_selector(".center[data-live=yes]", timeout=SLOW_MS)
        await chair.page.wait_for_selector(".hall-recording")

    async def find(self, console: ConsolePage, code: str) -> None:
        """Finds a point as people type, and chooses it."""
        page = console.screen.page
        await page.click("#view-list")
        above = self.directory.unit(self.directory.unit(code).parent or "").name
        await page.fill("#search", plain(f"{self.name(code)} {above}"))
        await page.wait_for_selector("#only-live")
        if code == WARD_10 and await page.is_visible("#only-live:checked"):
            await page.click("#only-live")
        await page.click(f"#point-{code}")

    async def find_on_map(self, console: ConsolePage, code: str) -> None:
        """Goes down the map to a point and chooses it."""
        page = console.screen.page
        await page.fill("#search", "")
        await page.click("#view-map")
        path = [unit.code for unit in self.directory.path(code)]
        for unit in path[1:]:
            await page.click(f"#map [data-tile='{unit}']:not(.tile-island)")
        await page.wait_for_selector(f".chosen[data-point='{code}']")
        await self.pictures.take(console.screen, "map")

    async def spoken_with(
        self,
        console: ConsolePage,
        chair: Screen,
        desk: PointPage,
        card: str,
        colour: Rgb | None,
        name: str,
        others: list[PointPage],
    ) -> None:
        """The point answers, is looked at, counted down, seen by everybody, and taken off air."""
        await desk.screen.page.wait_for_selector("#answer", timeout=SLOW_MS)
        if name == "first":
            await self.pictures.take(desk.screen, "ringing")
        await desk.answer()
        await console.state(card, "preview", within_s=40)
        await self.seen(console.screen, "#preview-picture", colour)
        if name == "first":
            await self.pictures.take(console.screen, "preview")
        await console.countdown(3)
        # Looked for before it is there: on a busy machine its three seconds pass while the press is still acknowledged.
        await asyncio.gather(desk.screen.page.wait_for_selector("#countdown", timeout=SLOW_MS), console.command(card, "take"))
        await desk.tally("on_air", within_s=20)
        await console.state(card, "on_air")
        await self.seen(console.screen, console.MAIN, colour)
        await self.seen(chair, "#hall-main", colour)
        for other in others:
            await self.seen(other.screen, other.MAIN, colour)
        await desk.screen.sees(desk.MAIN, CHAIR, 30)
        frame = await console.screen.evaluate("() => getComputedStyle(document.querySelector('.frame-air')).borderTopColor")
        assert frame == RED, frame
        frame = await desk.screen.evaluate("() => getComputedStyle(document.querySelector('.page')).borderTopWidth")
        assert frame == "8px", "the page of whoever is on air has the frame"
        if name != "ward":
            await self.pictures.take(desk.screen, f"{name}-on-air")
        if name == "first":
            await self.pictures.take(chair, "center")
        await console.command(card, "off_air")
        await console.state(card, "preview")
        for other in others:
            await self.seen(other.screen, other.MAIN, CHAIR)
        await console.command(card, "end_call")
        await desk.over("ended")

    async def seen(self, screen: Screen, selector: str, colour: Rgb | None) -> None:
        """Waits until the picture is there: of a colour, where the camera has one of its own."""
        if colour is not None:
            await screen.sees(selector, colour, 40)
        else:
            await until(f"{screen.name}: {selector} shows something", lambda: screen.colour(selector), 40)

    async def fails_offline(self, console: ConsolePage) -> None:
        """Ward 10 is called and is not there: the list says so, and the incident why."""
        page = console.screen.page
        await self.find(console, WARD_10)
        await page.click("#call")
        await page.wait_for_selector("#preview-failed[data-cause=offline]")
        await page.wait_for_selector(f"#point-{WARD_10} .tone-quiet")
        assert not await page.is_visible(f"#point-{WARD_10} .tone-air"), "offline is never red"
        await self.pictures.take(console.screen, "offline")
        await page.evaluate("() => document.activeElement.blur()")
        await page.keyboard.press("i")
        await page.wait_for_selector("#incident [data-what=failed]")
        await page.keyboard.press("Escape")
        await page.wait_for_selector("#incident", state="detached")

    async def escalated(self, console: ConsolePage) -> None:
        """Others are tried: the telephone in vain, then the district's desk, whose word comes back."""
        page = console.screen.page
        await page.evaluate("() => document.activeElement.blur()")
        await page.keyboard.press("e")
        await console.board("record")
        await page.wait_for_selector("#ladder[data-state=running] .ladder-now[data-kind=phone]")
        await self.said(console.screen, "#ladder .ladder-number", DUTY_PHONE)
        screen = await self.browsers.open("district", DISTRICT, DISTRICT_HZ, size=LAPTOP, plate=self.name(DISTRICT_4))
        district = PointPage(screen, self.service, DISTRICT_4)
        await district.join()
        await page.fill("#ladder .ladder-now input", MARK)
        await self.pictures.take(console.screen, "ladder")
        await page.click("#ladder .ladder-now [data-outcome=no_answer]")
        await screen.page.wait_for_selector("[data-alert]")
        await screen.page.fill("#alert-name", "Trần Văn Minh")
        await screen.page.fill("[data-alert] input[maxlength='2000']", DISTRICT_SAYS)
        await self.pictures.take(screen, "district")
        await screen.page.click("[data-alert] [data-reached=no]")
        await screen.page.wait_for_selector("[data-alert]", state="detached")
        await self.said(console.screen, "#ladder", DISTRICT_SAYS)
        await screen.browser.close()

    async def comes(self, ward: PointPage, console: ConsolePage) -> str:
        """The ward opens its link, sees what it missed, asks to be called back and explains; it is called again; the card."""
        page = ward.screen.page
        await ward.join()
        await page.wait_for_selector("[data-missed]")
        await self.pictures.take(ward.screen, "missed")
        await page.click("[data-call-back]")
        await page.wait_for_selector("[data-call-back]", state="detached")
        await page.fill("#missed-name", DUTY_OFFICER)
        await page.fill("[data-missed] textarea", EXPLANATION)
        await page.click("[data-explain]")
        await page.wait_for_selector("[data-missed]", state="detached")
        await page.click("#shift-confirm")
        await page.wait_for_selector("#shift", state="detached")
        await console.screen.page.wait_for_selector("#ladder[data-state=reached]")
        await console.screen.page.wait_for_selector("#called-back")
        await console.screen.page.wait_for_selector("#explained")
        return await console.press_for_call("#retry-call")

    async def told(self, console: ConsolePage) -> None:
        """The incident has everything, each once, in the order in which it was."""
        page = console.screen.page
        await page.click("#open-incident")
        await page.wait_for_selector("#incident [data-what=explained]")
        what = await page.evaluate(
            "() => [...document.querySelectorAll('#incident .happening')].map((each) => each.dataset.what)"
        )
        assert [each for each in what if each in ONCE] == list(ONCE), what
        assert what.index("failed") < what.index("escalation_started"), what
        assert what.index("explained") < what.index("on_air"), what
        await self.pictures.take(console.screen, "incident")
        await page.keyboard.press("Escape")
        await page.wait_for_selector("#incident", state="detached")

    async def counted(self, console: ConsolePage, first: PointPage, present: int) -> None:
        """A roll call over Long An: the crowd answers by itself, the first commune on its page."""
        page, desk = console.screen.page, first.screen.page
        await console.board("rollcall")
        await page.fill("#roll-call-unit", "long an")
        await page.click(f".unit-choices [data-unit='{LONG_AN}']")
        await page.fill("#roll-call-seconds", "300")
        await page.click("#roll-call-start")
        await desk.wait_for_selector("#roll-call[data-phase=asked]")
        await desk.fill("#person-name", "Lê Văn Tám")
        await desk.fill("#person-function", "Chủ tịch")
        await desk.click("#present")
        await desk.wait_for_selector("#roll-call[data-phase=confirmed]")
        counter = "#board .census-counter[data-status=present] .census-count"
        await page.wait_for_function(
            "([selector, text]) => document.querySelector(selector)?.textContent === text", arg=[counter, str(present)]
        )
        await console.twice("#roll-call-close")
        await page.wait_for_selector("#board[data-state=closed]")

    async def ended(self, console: ConsolePage, chair: Screen, first: PointPage) -> None:
        """The recording is stopped and found again; the meeting is closed; the report says what was with the ward."""
        await console.screen.page.click("#record")
        await console.screen.page.click("#record[data-armed=yes]")
        await console.screen.page.wait_for_selector(".recording[data-recording=off]")
        await first.screen.page.wait_for_selector("#recording", state="detached")
        page = chair.page
        await page.click("#center-stop")
        await page.click("#center-stop[data-armed=yes]")
        await page.wait_for_selector(".center[data-live=no]", state="attached")
        own = f"{self.service.base_url}/admin#/sessions/of/{self.session}"
        await chair.goto(own)
        await page.click("a[href^='/recordings#']")
        await page.click("#parts-programme [data-state=ready]", timeout=SLOW_MS)
        await page.wait_for_function("() => document.querySelector('video')?.readyState >= 1", timeout=SLOW_MS)
        await page.wait_for_selector("#parts-calls [data-part] >> nth=2")
        await chair.goto(own)
        await page.click("#session-close")
        await page.click("#close-confirm [data-confirm]")
        await page.wait_for_selector("#session-said")
        await page.click("#session-report")
        await page.wait_for_selector("#plot-causes canvas")
        await page.click("[data-table=calls]")
        for word in (self.name(WARD_10), DUTY_PHONE, MARK, DISTRICT_SAYS, EXPLANATION.splitlines()[0], DUTY_OFFICER):
            await self.said(chair, ".report-table", word)
        await self.pictures.take(chair, "report")


@contextlib.asynccontextmanager
async def everybody_else(play: Play, pages: set[str]) -> AsyncIterator[int]:
    """The points that nobody looks at, live; gives how many of Long An's will say that they are there, one does not."""
    script = Script(roll_call=Confirmation())
    async with Crowd(play.service) as crowd:
        codes = [point.code for point in play.directory.points if point.code not in pages]
        await crowd.join(codes, script)
        own = [code for code in codes if play.directory.is_within(play.directory.point(code).unit, (LONG_AN,))]
        crowd[own[-1]].script = Script(roll_call=None)
        yield len(own) - 1


async def play_scene(
    service: Service, browsers: Browsers, folder: Path, foxes: Foxes | None = None, pictures: Path | None = None
) -> None:
    """Plays the day.

    Args:
        service: with the directory of the south of `COMMUNES` communes (`start_south`).
        browsers: open a Chromium for everybody who has no Firefox.
        folder: where the table of the roster is put.
        foxes: if given, the operator's desk and Ward 10's page are Firefox.
        pictures: a folder for a picture of each step.
    """
    words = ("add", ADMINISTRATOR, "--role", "center", "--scope", "VN", "--display-name", "Nguyễn Văn Minh", "--password-stdin")
    await asyncio.to_thread(account, service, *words, typed=PASSWORD + "\n")
    roster = folder / "truc.csv"
    await asyncio.to_thread(roster.write_text, roster_of_ward_10())
    play = Play(service, browsers, foxes, Pictures(pictures))
    first_code, second_code = called_communes()[0], called_communes()[2]
    pages = {first_code, second_code, DISTRICT_4, WARD_10}

    chair = await browsers.open("chair", CHAIR, CHAIR_HZ, size=LAPTOP, plate="Trung tâm")
    password = await play.prepare(chair, roster)
    async with everybody_else(play, pages) as confirming:
        first = PointPage(
            await browsers.open("first", FIRST, FIRST_HZ, size=LAPTOP, plate=play.name(first_code)), service, first_code
        )
        second = PointPage(
            await browsers.open("second", SECOND, SECOND_HZ, size=PHONE, plate=play.name(second_code)), service, second_code
        )
        await first.join()
        await second.join()
        console = ConsolePage(await play.fox_or_chromium("console", DESK, DESK_HZ, "Trung tâm"), service, "operator")
        await play.sit_down(console, password)
        await play.go_on_air(chair)
        for desk in (first, second):
            await desk.screen.sees(desk.MAIN, CHAIR, 30)
            await desk.screen.page.wait_for_selector("#recording")

        await play.pictures.take(first.screen, "waiting")

        await play.find(console, first_code)
        card = await console.press_for_call("#call")
        await play.spoken_with(console, chair, first, card, FIRST, "first", [second])
        await play.find_on_map(console, second_code)
        card = await console.press_for_call("#call")
        await play.spoken_with(console, chair, second, card, SECOND, "second", [first])
        await console.screen.page.click("#clear-selection")

        await play.fails_offline(console)
        await play.escalated(console)
        screen = await play.fox_or_chromium("ward", WARD, WARD_HZ, play.name(WARD_10))
        ward = PointPage(screen, service, WARD_10)
        card = await play.comes(ward, console)
        await play.spoken_with(console, chair, ward, card, None if foxes else WARD, "ward", [first])
        await play.told(console)
        await play.counted(console, first, confirming + 1)
        await play.ended(console, chair, first)
        for desk in (first, second, ward):
            await desk.screen.assert_quiet()
