"""One file of a recording while it is written: pictures and sound put in order of time, and what is said of it beside it."""

from __future__ import annotations

import heapq
import itertools
import os
from pathlib import Path
from typing import Any, BinaryIO, Final

from recorder import opus
from recorder.matroska import MatroskaFile, Track
from recorder.pictures import Picture
from recorder.shelf import Shelf, chapters_of
from recorder.voices import Voices

LAG_S: Final = 0.8
"""How long what came waits for what belongs before it: repair of losses (0.4 s) and the delay of a slow line."""
DESCRIBE_S: Final = 2.0
WAITING_MAX: Final = 2_000
"""Pictures that wait at most; more are written at once, whatever their order."""
VIDEO: Final = 1
AUDIO: Final = 2


class Part:
    """A file that is written. Times are monotonic seconds of the machine; ``zero_s`` is the file's beginning.

    Raises:
        OSError: the disk refuses, from any method that writes.
    """

    def __init__(
        self, shelf: Shelf, file: BinaryIO, path: Path, *, zero_s: float, zero_ms: int, picture: Picture | None, codec: str,
        said: dict[str, Any],
    ) -> None:  # fmt: skip
        """Begins with a key frame, or without any picture; ``zero_ms`` is the beginning since the Unix epoch."""
        self.codec = codec
        self.zero_s = zero_s
        self.voices = Voices()
        self._shelf, self._file, self._path = shelf, file, path
        self._waiting: list[tuple[int, int, Picture]] = []
        self._order = itertools.count()
        self._last_ms = -1
        self._described_at = float("-inf")
        tracks = [Track(AUDIO, "audio", "A_OPUS", "Tiếng", opus.head(), channels=opus.CHANNELS)]
        if picture is not None:
            name = {"VP8": "V_VP8", "H264": "V_MPEG4/ISO/AVC"}[codec]
            width, height = picture.size or (640, 360)
            tracks.insert(0, Track(VIDEO, "video", name, "Hình", picture.private, width=width, height=height))
        self.has_picture = picture is not None
        self._said = said | {
            "state": "recording", "started_at": zero_ms, "length_ms": 0, "bytes": 0, "codec": codec if picture else None,
            "pictures": 0, "shown": [],
        }  # fmt: skip
        self._matroska = MatroskaFile(file, tracks, title=str(said.get("title", "")), at_ms=zero_ms)
        self.describe(zero_s)

    @property
    def length_s(self) -> float:
        """How much of it is written."""
        return self._matroska.duration_ms / 1000

    def show(self, feed: str, name: str, at_s: float) -> None:
        """Notes who is shown from a moment on."""
        shown, at_ms = self._said["shown"], max(0, round((at_s - self.zero_s) * 1000))
        if shown and shown[-1]["to_ms"] is None:
            if shown[-1]["feed"] == feed:
                return
            shown[-1]["to_ms"] = at_ms
        shown.append({"feed": feed, "name": name, "from_ms": at_ms, "to_ms": None})

    def add(self, picture: Picture, at_s: float) -> None:
        """Takes a picture; it waits for what belongs before it."""
        if self.has_picture:
            heapq.heappush(self._waiting, (max(0, round((at_s - self.zero_s) * 1000)), next(self._order), picture))

    def write_until(self, until_s: float) -> None:
        """Writes what is older than a moment."""
        until_ms = (until_s - self.zero_s) * 1000
        sounds = self.voices.packets_until(until_ms / 1000)
        sound_at = 0
        while self._waiting and (self._waiting[0][0] <= until_ms or len(self._waiting) > WAITING_MAX):
            at_ms, _, picture = heapq.heappop(self._waiting)
            while sound_at < len(sounds) and sounds[sound_at][0] <= at_ms:
                self._write_sound(*sounds[sound_at])
                sound_at += 1
            # Two pictures of two sources may be of one moment; a file's times grow.
            self._last_ms = max(self._last_ms + 1, at_ms)
            self._matroska.write(VIDEO, self._last_ms, picture.data, is_key=picture.is_key, lasts_ms=20)
            self._said["pictures"] += 1
        for sound in sounds[sound_at:]:
            self._write_sound(*sound)

    def _write_sound(self, at_ms: int, data: bytes) -> None:
        self._matroska.write(AUDIO, at_ms, data, is_key=True, lasts_ms=20)

    def describe(self, now: float) -> None:
        """Says beside the file what it is, every two seconds."""
        if now - self._described_at >= DESCRIBE_S:
            self._described_at = now
            self._said |= {"length_ms": self._matroska.duration_ms, "bytes": self._matroska.size_bytes}
            self._shelf.describe(self._path, self._said)

    def note(self, **more: Any) -> None:
        """Adds to what is said of it."""
        self._said |= more

    def finish(self, until_s: float) -> None:
        """Writes what waits, makes the file seekable, and says that it is ready. It takes no more."""
        self.write_until(until_s)
        length_ms = self._matroska.duration_ms
        self._said["shown"] = [each for each in self._said["shown"] if each["from_ms"] <= length_ms]
        for stretch in self._said["shown"]:
            stretch["to_ms"] = length_ms if stretch["to_ms"] is None else min(stretch["to_ms"], length_ms)
        self._matroska.finish(chapters_of(self._said, length_ms))
        os.fsync(self._file.fileno())
        self._file.close()
        self._said |= {"state": "ready", "length_ms": length_ms, "bytes": self._matroska.size_bytes}
        self._shelf.describe(self._path, self._said)

    def abandon(self) -> None:
        """Closes the file as it is, after an error of the disk; the next start finishes it."""
        self._file.close()
