"""The pages as a person uses them: what to press and where to look."""

from __future__ import annotations

import contextlib

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from tests.harness.browser import Screen
from tests.harness.service import Service
from tests.harness.wait import until

ASKS_FOR_MS = 3_000
"""A button that wants a second press waits for it at least this long."""


async def press_twice(page: Page, selector: str) -> None:
    """Presses a button that asks before it does something; whoever was so slow that it asks no more presses it again."""

    async def is_pressed() -> bool:
        await page.click(f"{selector}[data-armed=no]")
        try:
            await page.click(f"{selector}[data-armed=yes]", timeout=ASKS_FOR_MS)
        except PlaywrightTimeoutError:
            return False
        return True

    await until(f"{selector} is pressed twice", is_pressed)


class PointPage:
    """A commune's page."""

    MAIN = "#programme-main"
    INSET = "#programme-inset"

    def __init__(self, screen: Screen, service: Service, code: str) -> None:
        self.screen = screen
        self.code = code
        self._link = service.point_link(code)

    async def open(self) -> None:
        """Opens the permanent link."""
        await self.screen.goto(self._link)

    async def join(self) -> None:
        """Opens the permanent link and presses the one button."""
        await self.open()
        await self.screen.page.click("#join")
        await self.screen.page.wait_for_selector("#line[data-line=live]")

    async def card(self, selector: str) -> None:
        """Puts aside what lies over the programme until the card that holds `selector` does."""

        async def is_open() -> bool:
            if await self.screen.page.is_visible(selector):
                return True
            for button in ("#card-later", "#cards-open"):
                if await self._press_if_there(button):
                    break
            return False

        await until(f"{self.code}: the card with {selector}", is_open)

    async def put_aside(self) -> None:
        """Puts aside every card that can be."""

        async def is_free() -> bool:
            await self._press_if_there("#card-later")
            return await self.screen.page.locator("#sheet").count() == 0

        await until(f"{self.code}: nothing over the programme", is_free)

    async def _press_if_there(self, selector: str) -> bool:
        """Presses what may go at any moment, because another card came or the last one went; whether it was there."""
        button = await self.screen.page.query_selector(selector)
        if button is None or not await button.is_visible():
            return False
        with contextlib.suppress(PlaywrightError):
            await button.click(timeout=1_000)
        return True

    async def answer(self) -> None:
        """Waits for the ring and answers it."""
        await self.screen.page.click("#answer")

    async def decline(self, reason: str = "") -> None:
        """Waits for the ring and declines it."""
        await self.screen.page.click("#decline")
        await self.screen.page.fill("#decline-reason", reason)
        await self.screen.page.click("#decline-send")

    async def tally(self, value: str, within_s: float = 30) -> None:
        """Waits until the page says in which state it is (`data-tally`)."""
        await self.screen.page.wait_for_selector(f"#tally[data-tally={value}]", timeout=within_s * 1000)

    async def over(self, value: str, within_s: float = 30) -> None:
        """Waits until the page says how the call ended (`data-over`)."""
        await self.screen.page.wait_for_selector(f"#over[data-over={value}]", timeout=within_s * 1000)


class CenterPage:
    """The center's own screen."""

    MAIN = "#hall-main"
    SECOND = "#hall-second"

    def __init__(self, screen: Screen, service: Service, role: str = "center") -> None:
        self.screen = screen
        self._link = f"{service.base_url}/center#token={service.token(role)}"

    async def open(self) -> None:
        """Opens the link and waits until the line is up."""
        await self.screen.goto(self._link)
        await self.screen.page.wait_for_selector("#line[data-line=live]")

    async def start(self) -> None:
        """Sends camera and microphone."""
        await self.screen.page.click("#center-start")
        await self.screen.page.wait_for_selector(".center[data-live=yes]")

    async def tally(self, *values: str, within_s: float = 30) -> None:
        """Waits until the large part shows a call in one of these states, or none (`data-tally`)."""
        selector = ", ".join(f"#hall-stage[data-tally={value}]" for value in values)
        await self.screen.page.wait_for_selector(selector, timeout=within_s * 1000)

    async def talks(self, state: str) -> None:
        """Waits until talkback is `idle`, `starting`, `on`, `unheard` or `other` (`data-talk`)."""
        await self.screen.page.wait_for_selector(f".talkback[data-talk={state}]")


class ConsolePage:
    """The console of a center or an operator."""

    MAIN = "#programme-main"
    INSET = "#programme-inset"

    def __init__(self, screen: Screen, service: Service, role: str = "center") -> None:
        self.screen = screen
        self._link = service.console_link(role)

    async def open(self) -> None:
        """Opens the link and waits until the line is up."""
        await self.screen.goto(self._link)
        await self.screen.page.wait_for_selector("#line[data-line=live]")

    async def start_center(self) -> None:
        """Publishes camera and microphone as the center."""
        await self.screen.page.click("#center-start")
        await self.screen.page.wait_for_selector(".center[data-live=yes]")

    async def call(self, code: str) -> str:
        """Finds the point by its code, calls it, gives the id of the call's card."""
        page = self.screen.page
        await page.fill("#search", code)
        await page.click(f"#point-{code}")
        return await self.press_for_call("#call")

    async def press_for_call(self, selector: str) -> str:
        """Presses a button that places a call, gives the id of the call's card."""
        page = self.screen.page
        before = await self.cards()
        await page.click(selector)
        found: list[str] = []

        async def is_there() -> bool:
            """Found and named in one look: a moment later it may have failed, and a card that failed has no id."""
            found[:] = [card for card in await self.cards() if card not in before]
            return bool(found)

        await until(f"a card after {selector}", is_there)
        (card,) = found
        return card

    async def cards(self) -> list[str]:
        """The ids of the elements of all calls that are shown (`call-<id>`)."""
        found: list[str] = await self.screen.evaluate("() => [...document.querySelectorAll('.card')].map((card) => card.id)")
        return found

    async def state(self, card: str, *states: str, within_s: float = 30) -> None:
        """Waits until the call is in one of `states`."""
        selector = ", ".join(f"[id='{card}'][data-state={state}]" for state in states)
        await self.screen.page.wait_for_selector(selector, timeout=within_s * 1000)

    def picture(self, card: str) -> str:
        """The selector of the call's picture."""
        return f"[id='{card}'] video"

    async def listen(self, card: str) -> None:
        """Turns the sound of the call's monitor on."""
        await self.screen.page.click(f"[id='{card}'] .listen[aria-pressed=false]")

    async def command(self, card: str, kind: str) -> None:
        """Chooses the call and presses a command of the transport; what cannot be taken back is pressed twice."""
        await self.screen.page.click(f"[id='{card}'] .card-name")
        button = f"#transport [data-command={kind}][data-call='{card.removeprefix('call-')}']"
        if kind == "end_call":
            await press_twice(self.screen.page, button)
        else:
            await self.screen.page.click(button)

    async def countdown(self, seconds: int) -> None:
        """Says how long a take counts down; 0: at once."""
        await self.screen.page.select_option("#take-delay", str(seconds))

    async def board(self, name: str) -> None:
        """Opens a board: record, floor, rollcall, directives, draw, roster, proposals or agenda."""
        await self.screen.page.click(f"#tab-{name}")
        await self.screen.page.wait_for_selector(f".boards[data-board={name}]")

    async def twice(self, selector: str) -> None:
        """Presses a button of a board that asks for a second press."""
        await press_twice(self.screen.page, selector)
