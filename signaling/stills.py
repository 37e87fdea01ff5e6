"""What signaling has to do with stills, put together: the way in, the door to the desk check, the views, the routes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Final

from bridge.ids import STANDING_LINE
from bridge.units import Directory
from config.model import Stills as StillsSettings
from signaling.errors import ServiceError
from signaling.hub import Hub
from signaling.metrics import Number
from signaling.rest import Route
from signaling.rest_desk import RestDesk
from signaling.stills_api import StillsApi
from signaling.stills_intake import StillsIntake
from signaling.stills_link import Album, StillsLink
from signaling.stills_views import StillsViews

NUMBERS_TIMEOUT_S: Final = 1.0


class Stills:
    """See the module's text. ``intake`` is what the WebSocket door is given.

    Args:
        settings: the section ``stills``.
        address: of the desk check's socket.
        secret: for its hello.
        desk: what the routes are given.
        hub: knows who is connected and in a call.
        directory: None until it is loaded.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        settings: StillsSettings,
        address: str,
        secret: str,
        *,
        desk: RestDesk,
        hub: Hub,
        directory: Callable[[], Directory | None],
        clock: Callable[[], float],
    ) -> None:
        self._settings, self._directory = settings, directory

        def is_free(point: str) -> bool:
            return all(bridge.active_call(point) is None for bridge in hub.membership.bridges_over(point))

        def is_elsewhere(point: str) -> bool:
            main = hub.owners.get(STANDING_LINE)
            return point not in hub.lines and main is not None and main.bridge.is_live(point)

        self.link = StillsLink(address, secret, self._receive_undecodable)
        self.views = StillsViews(lambda runs, after, size: self.link.ask("sheets", runs, after, size), clock, desk.now_ms)
        self.intake = StillsIntake(
            settings,
            lambda: self.link,
            directory=directory,
            is_free=is_free,
            is_elsewhere=is_elsewhere,
            on_forgotten=self.views.forget,
            clock=clock,
            now_ms=desk.now_ms,
        )
        self._api = StillsApi(desk, self.views, self.link)

    def _receive_undecodable(self, index: int) -> None:
        self.intake.receive_undecodable(index)

    def routes(self) -> list[Route]:
        """The REST routes."""
        return self._api.routes()

    async def run(self, is_loaded: asyncio.Event) -> None:
        """Be connected to the desk check and give it what comes, until cancelled; nothing where stills are off."""
        await is_loaded.wait()
        directory = self._directory()
        if not self._settings.enabled or directory is None:
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self.link.run(Album(directory.version, len(directory.points))))
            group.create_task(self.intake.run())

    async def numbers_of_process(self) -> Mapping[str, float] | None:
        """What the desk check tells of itself; None while it is away."""
        with contextlib.suppress(ServiceError, TimeoutError, ValueError):
            async with asyncio.timeout(NUMBERS_TIMEOUT_S):
                text = await self.link.ask("numbers") or b""
            return {name: float(value) for name, value in (line.split() for line in text.decode().splitlines())}
        return None

    def numbers(self) -> tuple[Number, ...]:
        """The numbers of this process about stills."""
        counts = self.intake.counts
        return (
            Number("desk_check_up", "gauge", "Whether the desk check is connected.", lambda: float(self.link.is_up)),
            Number("stills_consenting", "gauge", "Points connected here that send stills.", lambda: self.intake.consenting),
            Number("stills_taken", "counter", "Stills given to the desk check.", lambda: counts["taken"]),
            Number("stills_bad", "counter", "Stills refused: not agreed to, or not what a still is.", lambda: counts["bad"]),
            Number("stills_too_often", "counter", "Stills dropped because they came too soon.", lambda: counts["too_often"]),
            Number("stills_in_call", "counter", "Stills dropped because the point is called.", lambda: counts["in_call"]),
            Number(
                "stills_dropped", "counter", "Stills dropped: newer came, or the desk check is away.", lambda: counts["dropped"]
            ),
            Number("stills_views", "gauge", "Views of stills that consoles have.", lambda: len(self.views)),
            Number("stills_answers", "counter", "Answers with sheets that were made.", lambda: self.views.made),
            Number("stills_answers_shared", "counter", "Of those, given to further consoles.", lambda: self.views.shared),
        )
