"""A meeting in three browsers: a center, a point on air and a point that watches; and whether its pictures move."""

from __future__ import annotations

from dataclasses import dataclass

from tests.e2e.pages import ConsolePage, PointPage
from tests.harness.browser import Browsers, Screen
from tests.harness.service import Service
from tests.harness.wait import until

CENTER, CENTER_HZ = (200, 40, 40), 500
SPEAKER, SPEAKER_HZ, SPEAKER_CODE = (40, 60, 200), 800, "26740"
WATCHER, WATCHER_HZ, WATCHER_CODE = (30, 160, 60), 1300, "00001"


@dataclass(frozen=True)
class OnAir:
    """The three pages, and the id of the call's card on the center's."""

    center: ConsolePage
    speaker: PointPage
    watcher: PointPage
    card: str


async def open_on_air(browsers: Browsers, service: Service) -> OnAir:
    """Opens them, calls the speaker and takes it; returns when the watcher sees it."""
    center = ConsolePage(await browsers.open("center", CENTER, CENTER_HZ), service, "center")
    speaker = PointPage(await browsers.open("speaker", SPEAKER, SPEAKER_HZ), service, SPEAKER_CODE)
    watcher = PointPage(await browsers.open("watcher", WATCHER, WATCHER_HZ), service, WATCHER_CODE)
    await center.open()
    await center.start_center()
    await speaker.join()
    await watcher.join()
    card = await center.call(SPEAKER_CODE)
    await speaker.answer()
    await center.state(card, "preview")
    await center.command(card, "take")
    await watcher.screen.sees(watcher.MAIN, SPEAKER)
    return OnAir(center, speaker, watcher, card)


async def is_moving(screen: Screen, within_s: float, frames: int = 8) -> None:
    """Waits until the page decodes new frames (the colour alone could be that of an old one)."""
    before = (await screen.received())["framesDecoded"]

    async def more() -> bool:
        now = (await screen.received())["framesDecoded"]
        return now >= before + frames or now < before  # fewer: a new connection began to count anew

    await until(f"{screen.name} decodes new frames", more, within_s)
