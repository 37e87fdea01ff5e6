"""All that is recorded: the node's messages in, takes of every session out. Pure but for the shelf; the time is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from recorder import opus
from recorder.clock import SourceClock
from recorder.pictures import Depacketizer
from recorder.shelf import Shelf
from recorder.take import Take, Wanted
from sfu.ids import SlotName
from sfu.tap_wire import TapError, TappedBatch, TappedPlan, parse

SILENT_NODE_S: Final = 10.0
"""A node that has said nothing of a session for so long, ten of its beats, is gone: files are finished."""
SOURCES_MAX: Final = 1_000
"""Sources that are remembered; those heard longest ago go first."""
SOURCE_S: Final = 60.0
STATUS_S: Final = 2.0
MAIN: Final = SlotName("main")
CENTER: Final = SlotName("center")
GUESTS: Final = (SlotName("guest1"), SlotName("guest2"))
CENTER_NAME: Final = "Trung tâm"


@dataclass(slots=True)
class _Source:
    clock: SourceClock
    pictures: Depacketizer
    heard_at: float


@dataclass(slots=True)
class _Session:
    takes: dict[str, Take]
    told_at: float
    said_at: float = float("-inf")


class Takes:
    """Everything that is recorded now.

    Args:
        shelf: where it goes.
        part_s: length of a part.
        wall_ms: milliseconds since the Unix epoch of a moment in monotonic seconds.
    """

    def __init__(self, shelf: Shelf, *, part_s: float, wall_ms: Callable[[float], int]) -> None:
        self._shelf, self._part_s, self._wall_ms = shelf, part_s, wall_ms
        self._sessions: dict[str, _Session] = {}
        self._sources: dict[tuple[str, int], _Source] = {}
        self.counters: Counter[str] = Counter()

    def receive(self, data: bytes, now: float) -> None:
        """Takes one message of the node; what is none is counted."""
        try:
            message = parse(data)
        except TapError:
            self.counters["unreadable"] += 1
            return
        if isinstance(message, TappedPlan):
            self._follow(message, now)
        elif message.session in self._sessions:
            self._add(message, now)

    def new_node(self) -> None:
        """A node connected anew: its numbers of sources begin again."""
        self._sources.clear()

    # -- plans

    def _follow(self, plan: TappedPlan, now: float) -> None:
        session = self._sessions.get(plan.session)
        if plan.recording is None:
            if session is not None:
                self._end(plan.session, session, now)
            return
        if session is None:
            session = self._sessions[plan.session] = _Session({}, now)
        session.told_at = now
        names: dict[str, str] = {CENTER: CENTER_NAME}
        for slot, (_, name) in plan.recording.items():
            names |= dict.fromkeys(plan.slots.get(slot, ()), name)
        live = frozenset(plan.live["video"])
        voices = [next(iter(plan.slots.get(slot, ())), None) for slot in (CENTER, *GUESTS)]
        wanted = {"programme": Wanted(tuple(plan.slots.get(MAIN, ())), tuple(voices), live, names)}
        said: dict[str, dict[str, Any]] = {"programme": {"kind": "programme", "call": None, "point": None, "title": plan.session}}
        for slot, (call, name) in plan.recording.items():
            feeds = plan.slots.get(slot, ())
            if feeds:
                key = f"call-{call}"
                wanted[key] = Wanted(tuple(feeds), (CENTER, feeds[0], None), live, names)
                said[key] = {"kind": "call", "call": call, "point": feeds[0].removeprefix("point:"), "title": name}
        for key in [key for key in session.takes if key not in wanted]:
            session.takes.pop(key).stop(now)
        for key, each in wanted.items():
            if key not in session.takes:
                about = {"session": plan.session, "part": key, **said[key]}
                session.takes[key] = Take(
                    self._shelf, session=plan.session, name=key, said=about, part_s=self._part_s, wall_ms=self._wall_ms
                )
            session.takes[key].follow(each)

    def _end(self, name: str, session: _Session, now: float) -> None:
        del self._sessions[name]
        for take in session.takes.values():
            take.stop(now)
        self._tell(name, {"is_recording": False, "notice": None, "at": self._wall_ms(now)})

    def _tell(self, session: str, status: dict[str, Any]) -> None:
        try:
            self._shelf.tell(session, status)
        except OSError:
            self.counters["disk_errors"] += 1

    # -- media

    def _add(self, batch: TappedBatch, now: float) -> None:
        source = self._source(batch, now)
        newest = max(batch.packets, key=lambda packet: packet.index)
        source.clock.note(newest.timestamp, batch.arrived_s, batch.reported)
        takes = self._sessions[batch.session].takes.values()
        self.counters[f"{batch.kind}_packets"] += len(batch.packets)
        if batch.kind == "video":
            for picture in source.pictures.receive(batch.packets, now):
                if picture.data:
                    at_s = source.clock.time_of(picture.timestamp)
                    for take in takes:
                        take.add_picture(batch.feed, batch.codec, picture, at_s, now)
            return
        for packet in batch.packets:
            if not packet.payload:
                continue
            try:
                sound = opus.parse(packet.payload)
            except opus.OpusError:
                self.counters["unreadable_sounds"] += 1
                continue
            at_s = source.clock.time_of(packet.timestamp)
            for take in takes:
                take.add_sound(batch.feed, batch.source, packet.timestamp, at_s, sound, now)

    def _source(self, batch: TappedBatch, now: float) -> _Source:
        key = (batch.session, batch.source)
        source = self._sources.get(key)
        if source is None:
            if len(self._sources) >= SOURCES_MAX:
                oldest = min(self._sources, key=lambda each: self._sources[each].heard_at)
                del self._sources[oldest]
            source = self._sources[key] = _Source(SourceClock(batch.clock_rate_hz), Depacketizer(batch.codec), now)
        source.heard_at = now
        return source

    # -- time

    def handle_timeout(self, now: float) -> None:
        """Writes, looks after the disk and says how it goes; five times a second."""
        for key in [key for key, source in self._sources.items() if now - source.heard_at > SOURCE_S]:
            del self._sources[key]
        for name, session in list(self._sessions.items()):
            if now - session.told_at > SILENT_NODE_S:
                self._end(name, session, now)
                continue
            for take in session.takes.values():
                take.handle_timeout(now)
            if now - session.said_at >= STATUS_S:
                session.said_at = now
                notices = [take.notice for take in session.takes.values() if take.notice is not None]
                status = {
                    "is_recording": any(take.is_writing for take in session.takes.values()),
                    "notice": notices[0] if notices else None,
                    "at": self._wall_ms(now),
                }
                self._tell(name, status)

    def stop(self, now: float) -> None:
        """Finishes every file: the recorder ends."""
        for name, session in list(self._sessions.items()):
            self._end(name, session, now)
