"""A service of numbers: media, desks, console and meter without sockets, for plays in virtual time. Costs are made up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from rehearsal.desks import Message, Script
from rehearsal.measures import Counts, Histogram, JoinFailedError, JoinTimes, SampleCounts, Sent, Window, sent_since
from rehearsal.usage import Reading, Usage

JOIN_S = 0.020
JOIN_CPU_S = 0.0015
ARRIVAL_CPU_S = 0.001
PACKET_CPU_S = 2e-6
KIB_PER_POINT = 40
PPS = 150
ANSWER_MS = 30.0


@dataclass
class FakeMedia:
    """Everybody joins in 20 ms, all of what is sent arrives but for `lost_share`, and every packet took 5 ms."""

    meter: FakeMeter
    lost_share: float = 0.0
    bad: int = 0
    unwelcome: frozenset[str] = frozenset()
    stuck: frozenset[str] = frozenset()
    on_lost: Callable[[str, str], None] | None = None
    base_cores: float = 0.0
    point_cores: float = 0.0
    joined: set[str] = field(default_factory=set)
    log: list[tuple[float, str, str]] = field(default_factory=list)
    center_since: float | None = None
    delivered: float = 0.0
    packets_sent: float = 0.0
    settled_at: float = 0.0
    closed: bool = False
    sending: dict[str, float] = field(default_factory=dict)

    def _note(self, what: str, code: str = "") -> None:
        self.log.append((asyncio.get_running_loop().time(), what, code))

    def _settle(self) -> None:
        """Let what is sent all the time have happened until now."""
        now = asyncio.get_running_loop().time()
        if self.center_since is not None:
            sent = (now - self.settled_at) * PPS
            self.packets_sent += sent
            arrived = sent * len(self.joined) * (1 - self.lost_share)
            self.delivered += arrived
            self.meter.cpu_s["node"] += arrived * PACKET_CPU_S
        self.meter.cpu_s["node"] += (now - self.settled_at) * (self.base_cores + self.point_cores * len(self.joined))
        self.settled_at = now

    async def start(self) -> None:
        self._note("start")
        self.settled_at = asyncio.get_running_loop().time()
        self.meter.settle = self._settle

    def add(self, code: str, *, loss: float) -> None:
        self._note(f"add {loss:g}", code)

    async def join(self, code: str) -> JoinTimes:
        asked_at = asyncio.get_running_loop().time()
        await asyncio.sleep(3600 if code in self.stuck else JOIN_S)
        if code in self.unwelcome:
            raise JoinFailedError("refused", f"403 for {code}")
        self._settle()
        self.joined.add(code)
        self.meter.cpu_s["signaling"] += JOIN_CPU_S
        self.meter.rss_bytes["node"] += KIB_PER_POINT * 1024
        self._note("join", code)
        now = asyncio.get_running_loop().time()
        return JoinTimes(asked_at, asked_at, now, now, refusals=1)

    async def leave(self, code: str) -> None:
        self._settle()
        self.joined.discard(code)
        self._note("leave", code)

    def drop(self, code: str) -> None:
        self._settle()
        self.joined.discard(code)
        self._note("drop", code)

    async def come_back(self, code: str) -> JoinTimes:
        self._note("come_back", code)
        return await self.join(code)

    async def ring(self, code: str) -> None:
        self._note("ring", code)

    def answer(self, code: str) -> None:
        self._note("answer", code)
        self.sending[code] = asyncio.get_running_loop().time() + ANSWER_MS / 1000

    async def hang_up(self, code: str) -> None:
        self.sending.pop(code, None)
        self._note("hang_up", code)

    async def answer_to_first_packet_s(self, code: str) -> float:
        await asyncio.sleep(max(0.0, self.sending[code] - asyncio.get_running_loop().time()))
        return ANSWER_MS / 1000

    async def start_center(self) -> None:
        self._settle()
        self.center_since = asyncio.get_running_loop().time()
        self._note("center")

    async def stop_center(self) -> None:
        self._settle()
        self.center_since = None
        self._note("no center")

    def sent(self) -> Sent:
        self._settle()
        return Sent(round(self.packets_sent * 2 / 3), round(self.packets_sent / 3), keyframe_requests=3)

    def counts(self) -> Counts:
        self._settle()
        sample = SampleCounts(packets=round(self.delivered / 100), bad_by_reason={"changed": self.bad} if self.bad else {})
        sample.video_delay, sample.audio_delay = self._delays(), self._delays()
        joined = len(self.joined)
        bulk = round(self.delivered) - sample.packets
        return Counts(
            points=joined,
            joined=joined,
            connected=joined,
            sampled=1,
            joins=joined,
            join_failures={},
            refused_503=7,
            bulk_packets=bulk,
            sample_unread=0,
            sample=sample,
            checks_sent=0,
            checks_answered=0,
            reports_sent=0,
            reports_received=0,
            consent_lost=0,
            closed=0,
            cpu_s=0.0,
        )

    def _delays(self) -> Histogram:
        histogram = Histogram()
        for _ in range(int(self.delivered / 1000)):
            histogram.add(4.95)
        return histogram

    async def mark(self) -> Any:
        return asyncio.get_running_loop().time(), self.counts(), self.sent(), set(self.joined), self.delivered

    async def since(self, mark: Any) -> Window:
        began, counts, sent, points, delivered = mark
        now = self.counts()
        since = sent_since(self.sent(), sent)
        throughout = len(points & self.joined)
        expected = since.packets * throughout
        got = round((self.delivered - delivered) * throughout / max(1, len(points)))
        sample = now.sample.minus(counts.sample)
        seconds = asyncio.get_running_loop().time() - began
        return Window(seconds, throughout, since, expected, got, True, 1.0 - self.lost_share, sample)

    async def close(self) -> None:
        self.closed = True
        self._note("close")


@dataclass
class FakeMeter:
    """Adds up what the others say that they cost."""

    cpu_s: dict[str, float] = field(default_factory=lambda: {"signaling": 1.0, "node": 2.0, "valkey": 0.5})
    rss_bytes: dict[str, int] = field(default_factory=lambda: {"signaling": 80 << 20, "node": 20 << 20, "valkey": 9 << 20})
    life: int = 1
    how: str = "proc"
    settle: Callable[[], None] = lambda: None

    def read(self) -> Reading:
        self.settle()
        return {part: Usage(cpu_s, self.rss_bytes[part], f"{part}:{self.life}") for part, cpu_s in self.cpu_s.items()}


class FakeDesk:
    """A desk that hears what the console orders."""

    def __init__(self, code: str, script: Script) -> None:
        self.code, self.script, self.is_live = code, script, False


@dataclass
class FakeDesks:
    """Desks that are welcome at once."""

    meter: FakeMeter
    points: dict[str, FakeDesk] = field(default_factory=dict)
    retries: Counter[str] = field(default_factory=Counter)

    @property
    def live(self) -> int:
        return sum(desk.is_live for desk in self.points.values())

    def expect(self, code: str, script: Script | None = None) -> FakeDesk:
        return self.points.setdefault(code, FakeDesk(code, script or Script()))

    async def join(self, codes: Iterable[str], script: Script | None = None, within_s: float = 60) -> None:
        for code in codes:
            await asyncio.sleep(0.001)
            self.meter.cpu_s["signaling"] += ARRIVAL_CPU_S
            self.expect(code, script).is_live = True

    async def leave(self, codes: Iterable[str]) -> None:
        for code in codes:
            self.points[code].is_live = False

    def drop(self, codes: Iterable[str], *, for_good: bool = True) -> None:
        for code in codes:
            self.points[code].is_live = False


class FakeConsole:
    """Rings desks as the service does: delivered, then what the desk's script says, or nobody answers for 30 s."""

    def __init__(self, desks: FakeDesks) -> None:
        self.desks = desks
        self.boards: dict[str, Message] = {}
        self.orders: list[tuple[str, dict[str, Any]]] = []
        self._calls: dict[str, str] = {}

    async def order(self, kind: str, **fields: Any) -> Message:
        self.orders.append((kind, fields))
        await asyncio.sleep(0.002)
        number = len(self.orders)
        if kind == "place_call":
            self._calls[f"c{number}"] = fields["point"]
        if kind == "start_roll_call":
            total = {"asked": len(self.desks.points), "present": self.desks.live, "late": 0, "no_answer": 0, "offline": 0}
            self.boards[f"r{number}"] = {"total": total}
        return {"type": "ack", "call": f"c{number}", "roll_call": f"r{number}"}

    async def call_in(self, call: str, states: Iterable[str]) -> Message:
        desk = self.desks.points.get(self._calls[call])
        if desk is None or not desk.is_live:
            return {"state": "failed", "cause": "offline"}
        script: Any = desk.script
        if script.ring == "ignore":
            await asyncio.sleep(5)
            return {"state": "failed", "cause": "undelivered"}
        await asyncio.sleep(0.004)
        if script.on_message is not None:
            script.on_message(desk, "ring", b"")
        if script.ring == "confirm":
            await asyncio.sleep(30)
            return {"state": "failed", "cause": "no_answer"}
        await asyncio.sleep(script.answer_after_s)
        if script.ring != "answer":
            return {"state": "failed", "cause": {"decline": "declined", "no_device": "no_device"}[script.ring]}
        script.on_answer(desk, call)
        await asyncio.sleep(0.05)
        return {"state": "preview", "cause": None}
