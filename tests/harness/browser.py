"""Debian's Chromium with a camera and a microphone of its own, driven by Playwright."""

from __future__ import annotations

import abc
import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import Browser, Page, Playwright, async_playwright

from tests.harness.drawn_desk import write_desk
from tests.harness.fake_devices import write_camera, write_microphone
from tests.harness.wait import until
from tests.harness.webrtc import Rgb, is_near

PROBE = (Path(__file__).parent / "probe.js").read_text()

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
)

_AFTER_PAINT = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 150))))"
"""An effect runs after the next frame, or after 100 ms when none comes."""

TONE_TOLERANCE_HZ = 15
STARTS_WITHIN_MS = 90_000


def chromium_path() -> str:
    """Debian's Chromium; `CHROMIUM` names another.

    Raises:
        RuntimeError: there is none (tools/bootstrap.sh test installs it).
    """
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        raise RuntimeError("Chromium is not installed: run tools/bootstrap.sh test")
    return path


class Sights(abc.ABC):
    """What a person sees and hears of a page, in whatever browser it is."""

    console: list[str]

    def __init__(self, name: str) -> None:
        self.name = name

    @abc.abstractmethod
    async def evaluate(self, expression: str, argument: object = None) -> Any:
        """Evaluates JavaScript in the page."""

    async def colour(self, selector: str) -> Rgb | None:
        """The colour in the middle of the video element `selector`; None while it shows nothing."""
        seen = await self.evaluate("(selector) => window.__probe.colour(selector)", selector)
        return None if seen is None else cast("Rgb", tuple(seen))

    async def tones(self) -> list[int]:
        """The strongest frequencies of the sounds that play now."""
        return cast("list[int]", await self.evaluate("() => window.__probe.tones()"))

    async def sees(self, selector: str, colour: Rgb, within_s: float = 30) -> None:
        """Waits until the video element `selector` shows `colour`."""
        await self._until(
            f"{selector} shows {colour}", lambda: self.colour(selector), lambda seen: is_near(seen, colour), within_s
        )

    async def hears(self, hz: int, within_s: float = 30) -> None:
        """Waits until a sound of `hz` plays."""
        await self._until(f"{hz} Hz plays", self.tones, lambda tones: is_among(hz, tones), within_s)

    async def connections(self) -> list[dict[str, Any]]:
        """Every RTCPeerConnection that the page ever made, with its negotiations and its state."""
        return cast("list[dict[str, Any]]", await self.evaluate("() => window.__probe.connections()"))

    async def lines(self) -> list[dict[str, Any]]:
        """Of every live connection of the page: `protocol` (udp or tcp), and `connectMs`, from its offer until it was there."""
        return cast("list[dict[str, Any]]", await self.evaluate("() => window.__probe.lines()"))

    async def live_devices(self) -> list[str]:
        """The kinds of the camera and microphone tracks that are on."""
        return cast("list[str]", await self.evaluate("() => window.__probe.liveDevices()"))

    async def received(self) -> dict[str, float]:
        """Sums over the inbound video of the page's live connections."""
        return cast("dict[str, float]", await self.evaluate("() => window.__probe.received()"))

    async def assert_quiet(self) -> None:
        """No exception, no refused resource and no violation of the content policy since the page was loaded."""
        errors = await self.evaluate("() => window.__probe.errors")
        assert not errors, f"{self.name}: {errors}"
        loud = [line for line in self.console if line.startswith(("error", "exception"))]
        assert not loud, f"{self.name}: {loud}"

    async def _until(self, what: str, look: Callable[[], Awaitable[Any]], fits: Callable[[Any], bool], within_s: float) -> None:
        async def try_once() -> bool:
            seen = await look()
            assert fits(seen), f"it is {seen}"
            return True

        await until(f"{self.name}: {what}", try_once, within_s, every_s=0.1)


class Screen(Sights):
    """One page in a browser of its own, as a test looks at it."""

    def __init__(self, browser: Browser, page: Page, name: str) -> None:
        super().__init__(name)
        self.browser = browser
        self.page = page
        self.console: list[str] = []
        self.navigations = 0
        page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.console.append(f"exception: {error}"))
        page.on("framenavigated", lambda _: self._navigated())

    async def goto(self, url: str) -> None:
        """Loads `url`; its fragment reaches the page's scripts only."""
        await self.page.goto(url)

    async def evaluate(self, expression: str, argument: object = None) -> Any:
        """Evaluates JavaScript in the page."""
        return await self.page.evaluate(expression, argument)

    async def is_painted(self) -> None:
        """Waits until the page has painted what it knows now, and has done what it does after that (effects, focus)."""
        await self.page.evaluate(_AFTER_PAINT)

    def _navigated(self) -> None:
        self.navigations += 1


def is_among(hz: int, tones: list[int]) -> bool:
    """Whether one of `tones` is `hz`."""
    return any(abs(tone - hz) <= TONE_TOLERANCE_HZ for tone in tones)


class Browsers:
    """Opens browsers, each its own Chromium process, because a fake camera belongs to a process."""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self._playwright = playwright
        self._folder = folder
        self._stack = contextlib.AsyncExitStack()
        self.screens: list[Screen] = []

    async def open(
        self,
        name: str,
        colour: Rgb,
        hz: int,
        *,
        executable: str | None = None,
        flags: tuple[str, ...] = (),
        locale: str = "vi-VN",
        size: tuple[int, int] = (1280, 720),
        film: tuple[int, int, int] | None = None,
        plate: str | None = None,
    ) -> Screen:
        """A fresh browser whose camera films `colour` and whose microphone hears `hz`, with an empty page.

        With a `plate` the camera films somebody at a desk with that name on it, in a shirt of `colour`.
        """
        film_path = self._folder / f"{name}.y4m"
        if plate is not None:
            camera = write_desk(film_path, colour, plate)
        elif film is None:
            camera = write_camera(film_path, colour)
        else:
            camera = write_camera(film_path, colour, size=film[:2], noise_lines=film[2])
        microphone = write_microphone(self._folder / f"{name}.wav", hz)
        browser = await self._playwright.chromium.launch(
            executable_path=executable or chromium_path(),
            timeout=STARTS_WITHIN_MS,
            args=[
                *FLAGS,
                f"--use-file-for-fake-video-capture={camera}",
                f"--use-file-for-fake-audio-capture={microphone}",
                *flags,
            ],
        )
        self._stack.push_async_callback(browser.close)
        context = await browser.new_context(locale=locale, viewport={"width": size[0], "height": size[1]})
        await context.add_init_script(PROBE)
        screen = Screen(browser, await context.new_page(), name)
        self.screens.append(screen)
        return screen

    async def close(self) -> None:
        """Closes all of them."""
        await self._stack.aclose()

    async def save_pictures(self, folder: Path) -> None:
        """What every screen shows now, for a person who looks into a failure."""
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        for screen in self.screens:
            with contextlib.suppress(Exception):
                await screen.page.screenshot(path=folder / f"{screen.name}.png")
                await asyncio.to_thread((folder / f"{screen.name}.log").write_text, "\n".join(screen.console))


@contextlib.asynccontextmanager
async def start_browsers(folder: Path, pictures: Path | None = None) -> AsyncIterator[Browsers]:
    """Playwright and its browsers; after a failure their screens are saved in `pictures`."""
    async with async_playwright() as playwright:
        browsers = Browsers(playwright, folder)
        try:
            yield browsers
        except BaseException:
            if pictures is not None:
                await browsers.save_pictures(pictures)
            raise
        finally:
            await browsers.close()


@pytest.fixture
async def browsers(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Browsers]:
    """Browsers of this test; when it fails, what they show is kept in test-results/."""
    async with start_browsers(tmp_path) as running:
        yield running
        report = request.node.stash.get(FAILED, False)
        if report:
            await running.save_pictures(Path("test-results") / request.node.name)


FAILED = pytest.StashKey[bool]()
