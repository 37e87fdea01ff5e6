"""A log as a long session would leave it: made by the domain itself, so that every record of it is one that could happen."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

from bridge import commands
from bridge.bridge import Bridge
from bridge.commands import Command
from bridge.errors import BridgeError
from bridge.events import Event
from bridge.machine import CallState
from bridge.points import Report
from bridge.units import Directory

START_MS = 1_630_890_000_000
ANSWERING = 9_811
"""Who answers a roll call of all 10,603: the points of 5 September 2021."""
EVENTS_BETWEEN_ROLL_CALLS = 80_000


class LongMeeting:
    """Gives the log of a session bit by bit; ``bridge`` is what the log adds up to.

    Everybody arrives; then points come and go and report, some are called and put on air, some ask for the floor, and every
    80,000 events all are asked whether they are there.
    """

    def __init__(self, directory: Directory, seed: int = 2021) -> None:
        self.bridge = Bridge("main", directory)
        self.now_ms = START_MS
        self._random = random.Random(seed)
        self._codes = [point.code for point in directory.points]
        self._next_roll_call = len(self._codes) + 1
        self._all = self._events()

    def log(self, count: int) -> Iterator[Event]:
        """Give the next ``count`` events."""
        return itertools.islice(self._all, count)

    def _events(self) -> Iterator[Event]:
        total = 0
        for event in self._do(commands.OpenSession("Phiên họp trực tuyến toàn quốc", "center")):
            total += 1
            yield event
        for code in self._codes:
            for event in self._do(commands.PointArrived(code, self._report())):
                total += 1
                yield event
        while True:
            for event in self._something(total):
                total += 1
                yield event

    def _do(self, command: Command) -> list[Event]:
        self.now_ms += self._random.randrange(1, 40)
        try:
            return [*self.bridge.handle_timeout(self.now_ms), *self.bridge.handle(command, self.now_ms)]
        except BridgeError:
            return []

    def _report(self) -> Report:
        return Report(
            visible=self._random.random() < 0.9,
            camera="ok",
            microphone=self._random.choice(("ok", "ok", "ok", "absent")),
            rtt_ms=round(self._random.expovariate(1 / 30), 1),
            device=f"Chrome 92 trên Windows, camera {self._random.randrange(4)}",
        )

    def _something(self, total: int) -> Iterator[Event]:
        if total >= self._next_roll_call:
            self._next_roll_call = total + EVENTS_BETWEEN_ROLL_CALLS
            yield from self._roll_call()
            return
        code, dice = self._random.choice(self._codes), self._random.random()
        if dice < 0.75:
            if self.bridge.is_live(code):
                yield from self._do(commands.PointLeft(code, "socket closed"))
            else:
                yield from self._do(commands.PointArrived(code, self._report()))
        elif dice < 0.97:
            yield from self._do(commands.PointReported(code, self._report()))
        elif dice < 0.995:
            yield from self._call(code)
        else:
            yield from self._floor(code)

    def _call(self, code: str) -> Iterator[Event]:
        yield from self._do(commands.PlaceCall(code, "operator:lan"))
        call = self.bridge.active_call(code)
        if call is None:
            return
        yield from self._do(commands.RingSent(call.id))
        yield from self._do(commands.ConfirmRing(call.id, self._report()))
        if self._random.random() < 0.2:
            yield from self._do(commands.DeclineCall(call.id, "đang họp"))
            return
        yield from self._do(commands.AnswerCall(call.id, self._report()))
        for kind in ("audio", "video"):
            yield from self._do(commands.ReportMedia(f"point:{code}", kind, flowing=True))
        yield from self._do(commands.TakeCall(call.id, "center"))
        yield from self._do(commands.TakeOffAir(call.id, "center"))
        yield from self._do(commands.EndCall(call.id, "center"))
        for kind in ("audio", "video"):
            yield from self._do(commands.ReportMedia(f"point:{code}", kind, flowing=False, reason="ended"))

    def _floor(self, code: str) -> Iterator[Event]:
        yield from self._do(commands.AskFloor(code, "Báo cáo tình hình phòng chống dịch", f"point:{code}"))
        yield from self._do(commands.GiveFloor(code, 120_000, "center"))
        call = self.bridge.active_call(code)
        if call is None or call.state is not CallState.QUEUED:
            return
        yield from self._do(commands.RingSent(call.id))
        yield from self._do(commands.ConfirmRing(call.id))
        yield from self._do(commands.AnswerCall(call.id))
        yield from self._do(commands.ReportMedia(f"point:{code}", "video", flowing=True))
        yield from self._do(commands.TakeBackFloor(code, "center"))
        if not call.is_over:
            yield from self._do(commands.EndCall(call.id, "center"))
        yield from self._do(commands.ReportMedia(f"point:{code}", "video", flowing=False, reason="ended"))

    def _roll_call(self) -> Iterator[Event]:
        yield from self._do(commands.StartRollCall(("VN",), 600_000, "center"))
        name = [*self.bridge.roll_calls][-1]
        for code in self._random.sample(self._codes, ANSWERING):
            yield from self._do(commands.ConfirmPresence(name, code, "Nguyễn Văn An", "Chủ tịch UBND", self._report()))
        yield from self._do(commands.CloseRollCall(name, "center"))
