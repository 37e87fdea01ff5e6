"""A stock Firefox ESR, driven over WebDriver BiDi, that looks like :class:`tests.harness.browser.Screen` to whoever drives pages.

puppeteer-core speaks BiDi, in a Node process of its own (``firefox_driver.mjs``). Firefox's camera and microphone are its own
fakes, a picture whose colour changes and a tone, since it takes no films as Chromium does.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.browser import FAILED, PROBE, Sights
from tests.harness.wait import until

DRIVER = Path(__file__).with_name("firefox_driver.mjs")
STARTS_WITHIN_S = 90
TIMEOUT_MS = 30_000
GONE = "Firefox or its driver is gone"
PREFERENCES: dict[str, object] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.peerconnection.ice.loopback": True,
    # Without a camera that is on, or the permission for one, Firefox offers the address of its default route only, and nICEr
    # pairs no such address with a loopback one: a page that only watches would never reach a service on this machine.
    "permissions.default.camera": 1,
    "permissions.default.microphone": 1,
    "permissions.default.desktop-notification": 2,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
}


_LOUDNESS = """async () => {
    const plays = [...document.querySelectorAll("audio, video")].some((each) => !each.paused && !each.muted && each.volume > 0);
    let loudest = 0;
    for (const peer of window.__probe.peers.filter((each) => each.connectionState === "connected"))
        for (const report of (await peer.getStats()).values())
            if (report.type === "inbound-rtp" && report.kind === "audio") loudest = Math.max(loudest, report.audioLevel ?? 0);
    return plays && loudest > 0.01;
}"""


def firefox_path() -> str:
    """Debian's Firefox ESR; `FIREFOX` names another.

    Raises:
        RuntimeError: there is none (tools/bootstrap.sh test installs it).
    """
    path = os.environ.get("FIREFOX") or shutil.which("firefox-esr")
    if path is None:
        raise RuntimeError("Firefox ESR is not installed: run tools/bootstrap.sh test")
    return path


class Driver:
    """The conversation with the Node process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.version: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.console: list[str] = []
        self.navigations = 0
        self._reading = asyncio.create_task(self._read())

    async def do(self, action: str, **given: object) -> Any:
        """Carry out one action of the driver and return its result; a failure there is an AssertionError here."""
        if self._reading.done():
            raise AssertionError(GONE)
        number = next(self._ids)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, "action": action, **given}).encode() + b"\n")
        return await future

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            message = json.loads(line)
            if "ready" in message:
                self.version.set_result(message["ready"])
            elif "console" in message:
                self.console.append(message["console"])
            elif "navigated" in message:
                self.navigations += 1
            elif (future := self._waiting.pop(message["id"], None)) is not None and not future.done():
                if "error" in message:
                    future.set_exception(AssertionError(message["error"]))
                else:
                    future.set_result(message["result"])
        gone = AssertionError(GONE)
        for future in [*self._waiting.values(), self.version]:
            if not future.done():
                future.set_exception(gone)

    async def close(self) -> None:
        """End the browser; one that does not end is killed, with its whole process group."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(15):
                await self._process.wait()
        except TimeoutError:
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        if self.version.done():
            self.version.exception()


class Keyboard:
    """Keys, as Playwright's keyboard presses them."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    async def press(self, key: str) -> None:
        """Press a key, or several held together: ``Shift+Enter``."""
        *held, last = key.split("+") if key != "+" else [key]
        for each in held:
            await self._driver.do("down", key=each)
        await self._driver.do("press", key=last)
        for each in reversed(held):
            await self._driver.do("up", key=each)

    async def type(self, text: str) -> None:
        """Type a text."""
        await self._driver.do("type", text=text)

    async def down(self, key: str) -> None:
        """Hold a key."""
        await self._driver.do("down", key=key)

    async def up(self, key: str) -> None:
        """Let it go."""
        await self._driver.do("up", key=key)


class FirefoxPage:
    """What tests use of Playwright's page, under the same names."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.keyboard = Keyboard(driver)

    async def goto(self, url: str) -> None:
        """Load an address."""
        await self._driver.do("goto", url=url)

    async def evaluate(self, expression: str, argument: object = None) -> Any:
        """Evaluate a function, given as text, with one argument; or an expression."""
        is_function = "=>" in expression.split("\n", 1)[0] or expression.lstrip().startswith(("function", "async"))
        return await self._driver.do(
            "evaluate", expression=f"({expression})({json.dumps(argument)})" if is_function else expression
        )

    async def click(self, selector: str, *, timeout: float = TIMEOUT_MS) -> None:  # noqa: ASYNC109 (Playwright's name)
        """Click what the selector finds, once it is there."""
        await self._driver.do("click", selector=selector, timeout=timeout)

    async def fill(self, selector: str, value: str, *, timeout: float = TIMEOUT_MS) -> None:  # noqa: ASYNC109
        """Put a value into a field."""
        await self._driver.do("fill", selector=selector, value=value, timeout=timeout)

    async def is_visible(self, selector: str) -> bool:
        """Whether what the selector finds first is there and seen."""
        seen = await self.evaluate("(selector) => document.querySelector(selector)?.checkVisibility() ?? false", selector)
        return bool(seen)

    async def select_option(self, selector: str, value: str) -> None:
        """Choose an option by its value."""
        await self._driver.do("select", selector=selector, value=value)

    async def hover(self, selector: str) -> None:
        """Point at something."""
        await self._driver.do("hover", selector=selector)

    async def wait_for_selector(self, selector: str, *, timeout: float = TIMEOUT_MS, state: str = "visible") -> None:  # noqa: ASYNC109
        """Wait until it is there (visible, attached, hidden or detached)."""
        await self._driver.do("waitFor", selector=selector, timeout=timeout, state=state)

    async def wait_for_function(self, expression: str, *, arg: object = None, timeout: float = TIMEOUT_MS) -> None:  # noqa: ASYNC109
        """Wait until a function gives something true."""
        await self._driver.do("waitForFunction", expression=f"({expression})({json.dumps(arg)})", timeout=timeout)

    async def set_viewport_size(self, size: dict[str, int]) -> None:
        """Another size of the window's inside."""
        await self._driver.do("size", **size)

    async def screenshot(self, *, path: Path | str) -> None:
        """What it shows now, as a PNG file."""
        await self._driver.do("screenshot", path=str(path))


class FirefoxScreen(Sights):
    """One page of a Firefox of its own, as a test looks at it."""

    def __init__(self, driver: Driver, name: str) -> None:
        super().__init__(name)
        self.page = FirefoxPage(driver)
        self._driver = driver
        self.console = driver.console

    @property
    def navigations(self) -> int:
        """How often it loaded a page."""
        return self._driver.navigations

    async def goto(self, url: str) -> None:
        """Loads `url`; its fragment reaches the page's scripts only."""
        await self.page.goto(url)

    async def evaluate(self, expression: str, argument: object = None) -> Any:
        """Evaluates JavaScript in the page."""
        return await self.page.evaluate(expression, argument)

    async def hears_something(self, within_s: float = 30) -> None:
        """Waits until a sound that is not silence is decoded by what plays.

        Its frequency cannot be told: without a sound card Firefox's AudioContext stays suspended, whatever the preferences say.
        """
        await until(f"{self.name}: a sound is heard", lambda: self.evaluate(_LOUDNESS), within_s)


class Foxes:
    """Opens Firefoxes, each a process with a profile of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = contextlib.AsyncExitStack()
        self.screens: list[FirefoxScreen] = []

    async def open(self, name: str, *, size: tuple[int, int] = (1280, 720), language: str = "vi-VN") -> FirefoxScreen:
        """A fresh Firefox with an empty page."""
        node = shutil.which("node")
        assert node is not None, "Node is not installed: run tools/bootstrap.sh test"
        profile = self._folder / f"firefox-{name}"
        await asyncio.to_thread(profile.mkdir, parents=True)
        given = {
            "executable": firefox_path(), "profile": str(profile), "width": size[0], "height": size[1],
            "language": language, "probe": PROBE, "preferences": PREFERENCES,
        }  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            node, str(DRIVER), json.dumps(given),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True, limit=2**24,
        )  # fmt: skip
        driver = Driver(process)
        self._stack.push_async_callback(driver.close)
        async with asyncio.timeout(STARTS_WITHIN_S):
            await driver.version
        screen = FirefoxScreen(driver, name)
        self.screens.append(screen)
        return screen

    async def save_pictures(self, folder: Path) -> None:
        """What every screen shows now, for a person who looks into a failure."""
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        for screen in self.screens:
            with contextlib.suppress(Exception):
                await screen.page.screenshot(path=folder / f"{screen.name}.png")
                await asyncio.to_thread((folder / f"{screen.name}.log").write_text, "\n".join(screen.console))

    async def close(self) -> None:
        """Closes all of them."""
        await self._stack.aclose()


@pytest.fixture
async def foxes(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Foxes]:
    """Firefoxes of this test; when it fails, what they show is kept in test-results/."""
    running = Foxes(tmp_path)
    try:
        yield running
        if request.node.stash.get(FAILED, False):
            await running.save_pictures(Path("test-results") / request.node.name)
    finally:
        await running.close()
