"""A take: what is recorded of a session's programme, or of one call, from its beginning to its end, in parts.

It follows feeds as a viewer does: the first feed of its list that is live is shown, from that feed's next key frame on; until
then the one before goes on. Voices are heard from their feeds at once. Another codec, another hour or a picture after sound alone
begin another part, at a key frame; the disk's end ends a part, and its return begins one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from recorder.opus import OpusPacket
from recorder.part import LAG_S, Part
from recorder.pictures import Picture
from recorder.shelf import Shelf, ShelfFull

ALONE_S: Final = 3.0
"""Sound without any picture for so long begins a part without one."""
HELD_SOUNDS: Final = 400
"""Packets of sound kept while no part is there: eight seconds of a voice."""
RETRY_S: Final = 5.0
"""After the disk was full it is looked at again."""
TAIL_S: Final = 3.0
"""What is recorded at most after the last packet before a take's end: a session that nobody sends to is no film of black."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a take shows and lets hear now.

    Attributes:
        pictures: feeds in order; the first live one is shown.
        voices: the feed of each stream of sound, None for nobody.
        live: feeds whose picture flows.
        names: what feeds are called in chapters.
    """

    pictures: tuple[str, ...]
    voices: tuple[str | None, ...]
    live: frozenset[str]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Sound:
    feed: str
    source: int
    timestamp: int
    at_s: float
    packet: OpusPacket


class Take:
    """Call :meth:`follow` with every plan, give it pictures and sounds, and :meth:`handle_timeout` five times a second.

    Args:
        shelf: where parts go.
        session: its folder.
        name: of the parts: ``programme`` or ``call-<id>``.
        said: what stands beside each part.
        part_s: length of a part.
        wall_ms: milliseconds since the Unix epoch of a moment in monotonic seconds.
    """

    def __init__(
        self, shelf: Shelf, *, session: str, name: str, said: Mapping[str, Any], part_s: float, wall_ms: Callable[[float], int]
    ) -> None:
        self.notice: str | None = None
        """Why nothing is written though it should: ``quota``, ``disk_low``, ``disk_error``; None while all is well."""
        self._shelf, self._session, self._name, self._said = shelf, session, name, dict(said)
        self._part_s, self._wall_ms = part_s, wall_ms
        self._wanted = Wanted((), (), frozenset())
        self._part: Part | None = None
        self._shown: str | None = None
        self._sounds: deque[_Sound] = deque(maxlen=HELD_SOUNDS)
        self._alone_since: float | None = None
        self._retry_at = float("-inf")
        self._checked_at = float("-inf")
        self._heard_at = float("-inf")

    @property
    def is_writing(self) -> bool:
        """Whether a part is open."""
        return self._part is not None

    def follow(self, wanted: Wanted) -> None:
        """Takes what the plan wants from here on."""
        self._wanted = wanted

    # -- media

    def add_picture(self, feed: str, codec: str, picture: Picture, at_s: float, now: float) -> None:
        """Takes a picture of any feed; one that is not shown is left out."""
        wanted = self._wanted
        if feed not in wanted.pictures:
            return
        first = next((each for each in wanted.pictures if each in wanted.live), None)
        if feed != self._shown:
            if not picture.is_key or (first is not None and feed != first):
                return
            self._shown = feed
        self._heard_at = now
        part = self._part
        if picture.is_key and self._wants_part(part, codec, at_s):
            if part is not None:
                self._finish(part, at_s)
            part = self._begin(at_s, now, picture, codec)
        if part is None or part.codec != codec or not part.has_picture:
            return
        part.show(feed, wanted.names.get(feed, feed), at_s)
        part.add(picture, at_s)

    def _wants_part(self, part: Part | None, codec: str, at_s: float) -> bool:
        return part is None or not part.has_picture or part.codec != codec or at_s - part.zero_s >= self._part_s

    def add_sound(self, feed: str, source: int, timestamp: int, at_s: float, packet: OpusPacket, now: float) -> None:
        """Takes a packet of sound of any feed; who has no voice here is left out."""
        if feed not in self._wanted.voices:
            return
        self._heard_at = now
        sound = _Sound(feed, source, timestamp, at_s, packet)
        if self._part is None:
            self._sounds.append(sound)
            if self._alone_since is None:
                self._alone_since = now
        else:
            self._hear(self._part, sound)

    def _hear(self, part: Part, sound: _Sound) -> None:
        for stream, feed in enumerate(self._wanted.voices):
            if feed == sound.feed and sound.at_s >= part.zero_s:
                part.voices.voices[stream].add(sound.source, sound.timestamp, sound.at_s - part.zero_s, sound.packet)

    # -- parts

    def _begin(self, zero_s: float, now: float, picture: Picture | None, codec: str) -> Part | None:
        if now < self._retry_at:
            return None
        try:
            file, path = self._shelf.open(self._session, self._name)
            part = Part(
                self._shelf,
                file,
                path,
                zero_s=zero_s,
                zero_ms=self._wall_ms(zero_s),
                picture=picture,
                codec=codec,
                said=self._said,
            )
        except ShelfFull as full:
            self.notice, self._retry_at = full.notice, now + RETRY_S
            return None
        except OSError:
            self.notice, self._retry_at = "disk_error", now + RETRY_S
            return None
        self.notice, self._alone_since, self._part = None, None, part
        for sound in self._sounds:
            self._hear(part, sound)
        self._sounds.clear()
        return part

    def _finish(self, part: Part, until_s: float) -> None:
        self._part = None
        try:
            part.note(undivided_sounds=sum(voice.undivided for voice in part.voices.voices))
            part.finish(until_s)
        except OSError:
            self.notice = "disk_error"
            part.abandon()

    def handle_timeout(self, now: float) -> None:
        """Writes what is old enough, and looks at the disk every second."""
        part = self._part
        if part is None:
            if self._alone_since is not None and now - self._alone_since >= ALONE_S and self._sounds:
                self._begin(self._sounds[0].at_s, now, None, "")
            return
        try:
            part.write_until(now - LAG_S)
            part.describe(now)
            if now - self._checked_at >= 1.0:
                self._checked_at = now
                self._shelf.check_room()
        except ShelfFull as full:
            self.notice, self._retry_at = full.notice, now + RETRY_S
            self._finish(part, now)
        except OSError:
            self.notice, self._retry_at, self._part = "disk_error", now + RETRY_S, None
            part.abandon()

    def stop(self, now: float) -> None:
        """Ends it: what has come is written, the part is finished."""
        if self._part is not None:
            self._finish(self._part, min(now, self._heard_at + TAIL_S))
