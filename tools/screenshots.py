"""Draws docs/images anew: the real pages, in a real browser, in front of a running demo.

`make screenshots`. The demo runs on its own ports and in a folder of its own, and is ended afterwards.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from demo.cast import OPEN_SEAT, Character
from tests.e2e.pages import ConsolePage, PointPage
from tests.e2e.test_demo import Demo, point_with, start_demo
from tests.harness.browser import Browsers, Screen, start_browsers
from tests.harness.wait import until
from tests.harness.webrtc import is_near

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
DESK = (96, 84, 40)
SIZE = (1440, 900)
SMALL = (1280, 720)


async def draw(demo: Demo, browsers: Browsers) -> None:
    """Plays a short meeting and takes the pictures on the way."""
    service = demo.service
    console = ConsolePage(await browsers.open("console", DESK, 330, size=SIZE), service, "operator")
    point = PointPage(await browsers.open("point", DESK, 440, size=SMALL), service, OPEN_SEAT)
    await console.open()
    await point.join()
    await until("the programme is there", lambda: point.screen.colour(point.MAIN))
    await point.screen.page.screenshot(path=IMAGES / "point-waiting.png")

    await console.call(point_with(Character.SILENT))
    answered = await console.call(point_with(Character.PROMPT))
    await console.state(answered, "preview")
    await until("its picture is there", lambda: console.screen.colour(console.picture(answered)))
    own = await console.call(OPEN_SEAT)
    await point.screen.page.wait_for_selector("#answer")
    await point.screen.page.screenshot(path=IMAGES / "point-ringing.png")
    await console.command(answered, "take")
    await until("it is the programme", lambda: is_same(console.screen, console.MAIN, console.picture(answered)))
    await until("the center is beside it", lambda: console.screen.colour(console.INSET))
    await console.screen.page.screenshot(path=IMAGES / "console.png")

    await point.answer()
    await console.state(own, "preview")
    await console.command(own, "take")
    await point.tally("on_air")
    await until("the center is beside it", lambda: point.screen.colour(point.INSET))
    await point.screen.page.screenshot(path=IMAGES / "point-on-air.png")


async def is_same(screen: Screen, one: str, other: str) -> bool:
    """Whether two video elements show the same picture."""
    seen, wanted = await screen.colour(one), await screen.colour(other)
    return seen is not None and wanted is not None and is_near(seen, wanted)


async def main() -> None:
    """The entry point."""
    await asyncio.to_thread(IMAGES.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with start_demo(Path(folder)) as demo, start_browsers(Path(folder)) as browsers:
            await draw(demo, browsers)
    print(f"drawn: {IMAGES}")


if __name__ == "__main__":
    asyncio.run(main())
