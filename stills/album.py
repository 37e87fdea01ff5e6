"""The newest still of every point of one directory, what was seen on it, and the sheets made of them. No clock, no socket.

Theory of operation. Everything lies in arrays with a place for each point of the directory, so that ten thousand points are no
ten thousand objects and "what changed since revision N of these points" is one comparison. Each change gets the next *revision*;
a point has three: of its picture, of what is said of it, of its going. Revisions begin at the microseconds since 1970 at the
start of the process, so that a later process goes on above an earlier one's, and a client's ``after`` from before the restart is
known as such: it is told of every point without a still that it is gone.

A still is kept until the next, until it is forgotten, or until it is ``KEEP_S`` old, in memory only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from stills import chair, pictures
from stills.looks import Watch
from stills.wire import COLUMNS, MEDIUM, SMALL, TILES_A_SHEET, Size

KEEP_S: Final = 60.0
REVISION_BYTES: Final = 8
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer in the making; the last one has the answer. Between two others may have their turn."""

    answer: bytes | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A face is looked for in this still of a point."""

    index: int
    jpeg: bytes
    has_moved: bool


class Album:
    """See the module's text.

    Args:
        directory: the version of the directory.
        points: how many it has.
        base: the first revision.
    """

    def __init__(self, directory: str, points: int, base: int) -> None:
        self.directory, self.points = directory, points
        self.base = self.revision = base
        self._picture_revision: Ints = np.zeros(points, np.int64)
        self._word_revision: Ints = np.zeros(points, np.int64)
        self._gone_revision: Ints = np.zeros(points, np.int64)
        self._at_ms: Ints = np.zeros(points, np.int64)
        self._flags: npt.NDArray[np.uint8] = np.zeros(points, np.uint8)
        self._chair: npt.NDArray[np.int8] = np.zeros(points, np.int8)
        self._tiles: pictures.Pixels = np.zeros((points, SMALL[1], SMALL[0], 3), np.uint8)
        self._greys: pictures.Pixels = np.zeros((points, pictures.QUARTER[1], pictures.QUARTER[0]), np.uint8)
        self._jpegs: dict[int, bytes] = {}
        self._received: dict[int, float] = {}
        """When each came, in monotonic seconds, the oldest first."""
        self._watches: dict[int, Watch] = {}
        self._seats: dict[int, chair.Seat] = {}
        self._looked_at: dict[int, pictures.Pixels] = {}

    def __len__(self) -> int:
        return len(self._jpegs)

    # --- in -------------------------------------------------------------------------------------------------------------

    def receive(self, index: int, at_ms: int, jpeg: bytes, now: float) -> bool:
        """Take a still; False when it cannot be decoded, or there is no such point: the one before stays then."""
        if not 0 <= index < self.points:
            return False
        quarter = pictures.decode_quarter(jpeg)
        if quarter is None:
            return False
        grey = pictures.grey_of(quarter)
        is_first = index not in self._jpegs
        watch = self._watches.get(index)
        if watch is None:
            watch = self._watches[index] = Watch()
        self._flags[index] = watch.receive(pictures.look_at(grey, None if is_first else self._greys[index]))
        self._greys[index] = grey
        self._tiles[index] = pictures.tile_of(quarter)
        self._jpegs[index] = jpeg
        self._received.pop(index, None)
        self._received[index] = now
        self._at_ms[index] = at_ms
        self.revision += 1
        self._picture_revision[index] = self.revision
        if self._flags[index]:  # who is there cannot be seen on such a picture
            self._forget_chair(index)
        return True

    def forget(self, index: int) -> bool:
        """Keep nothing of a point; whether there was something."""
        if self._jpegs.pop(index, None) is None:
            return False
        del self._received[index]
        self._watches.pop(index, None)
        self._forget_chair(index)
        self._tiles[index] = 0
        self._greys[index] = 0
        self._at_ms[index] = self._flags[index] = 0
        self.revision += 1
        self._gone_revision[index] = self.revision
        return True

    def expire(self, now: float) -> list[int]:
        """Forget what is too old; gives the points."""
        old: list[int] = []
        for index, received in self._received.items():
            if received > now - KEEP_S:
                break
            old.append(index)
        for index in old:
            self.forget(index)
        return old

    # --- the chair ------------------------------------------------------------------------------------------------------

    def begin_look(self, index: int) -> Asked | bool:
        """Look at a point's chair: the still in which a face is to be looked for, for :meth:`end_look`.

        True where the last verdict holds without looking, since nothing moved; False where the picture shows nothing to look at.
        """
        jpeg = self._jpegs.get(index)
        if jpeg is None or self._flags[index]:
            return False
        seat = self._seats.get(index, chair.UNKNOWN)
        small = pictures.small_grey_of(self._greys[index])
        before = self._looked_at.get(index)
        has_moved = before is None or pictures.has_moved(before, small)
        self._looked_at[index] = small
        if not chair.may_repeat(seat, has_moved=has_moved):
            return Asked(index, jpeg, has_moved)
        self._sit(index, chair.repeated(seat))
        return True

    def end_look(self, asked: Asked, score: int) -> None:
        """What was found in it; nothing is said of a point that was forgotten, or whose picture shows nothing any more."""
        if asked.index not in self._looked_at or self._flags[asked.index]:
            return
        seat = self._seats.get(asked.index, chair.UNKNOWN)
        self._sit(asked.index, chair.judged(seat, score, has_moved=asked.has_moved))

    def _sit(self, index: int, seat: chair.Seat) -> None:
        self._seats[index] = seat
        self._say_chair(index, seat.verdict)

    def _forget_chair(self, index: int) -> None:
        self._seats.pop(index, None)
        self._looked_at.pop(index, None)
        self._say_chair(index, 0)

    def _say_chair(self, index: int, verdict: int) -> None:
        if self._chair[index] != verdict:
            self._chair[index] = verdict
            self.revision += 1
            self._word_revision[index] = self.revision

    def count_flag(self, flag: int) -> int:
        """How many points have it."""
        return int(np.count_nonzero(self._flags & flag))

    def count_chairs(self, *, taken: bool) -> int:
        """How many chairs somebody sits on, or nobody."""
        return int(np.count_nonzero(self._chair > 0 if taken else self._chair < 0))

    # --- out ------------------------------------------------------------------------------------------------------------

    def jpeg(self, index: int) -> tuple[int, bytes] | None:
        """When the newest still of a point came (ms since 1970), and the still as it came; None: there is none."""
        jpeg = self._jpegs.get(index)
        return None if jpeg is None else (int(self._at_ms[index]), jpeg)

    def answer(self, runs: Sequence[tuple[int, int]], after: int, size: Size, now_ms: int) -> Iterator[Piece]:
        """Make the answer to "what changed of these points since": the new revision, the head and the sheets; None: nothing did.

        Made in pieces, each some milliseconds; the last one has it.
        """
        ranges = [np.arange(first, min(end, self.points)) for first, end in runs if first < self.points]
        within: Ints = np.concatenate(ranges) if ranges else np.zeros(0, np.int64)
        has_still = self._at_ms[within] > 0
        is_drawn = has_still & (self._picture_revision[within] > after)
        is_said = has_still & ~is_drawn & (self._word_revision[within] > after)
        is_gone = ~has_still & (self._gone_revision[within] > after)
        if 0 < after < self.base:  # from before this process
            is_gone = ~has_still
        elif after == 0:
            is_gone[:] = False
        drawn, said, gone = within[is_drawn], within[is_said], within[is_gone]
        if after and not (len(drawn) or len(said) or len(gone)):
            yield Piece()
            return
        revision = self.revision
        rows = self._rows(drawn, said)
        sheets: list[bytes] = []
        for first in range(0, len(drawn), TILES_A_SHEET):
            yield Piece()
            part = drawn[first : first + TILES_A_SHEET]
            sheets.append(pictures.sheet_of(self._tiles[part] if size == "small" else self._medium(part)))
        head = {
            "at": now_ms,
            "next": revision,
            "tile": SMALL if size == "small" else MEDIUM,
            "columns": COLUMNS,
            "sheets": [len(sheet) for sheet in sheets],
            "stills": rows,
            "gone": gone.tolist(),
            "directory": self.directory,
        }
        text = json.dumps(head, separators=(",", ":")).encode()
        yield Piece(b"".join((revision.to_bytes(REVISION_BYTES), len(text).to_bytes(4), text, *sheets)))

    def _rows(self, drawn: Ints, said: Ints) -> list[list[int]]:
        """``[point, at_ms, flags, chair, sheet, place]`` of each: first those with a tile, then those without."""
        points = np.concatenate((drawn, said))
        places = np.arange(len(drawn))
        none = np.full(len(said), -1)
        columns = (
            points,
            self._at_ms[points],
            self._flags[points],
            self._chair[points],
            np.concatenate((places // TILES_A_SHEET, none)),
            np.concatenate((places % TILES_A_SHEET, np.zeros(len(said), np.int64))),
        )
        return [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]

    def _medium(self, points: Ints) -> list[pictures.Pixels]:
        black: pictures.Pixels = np.zeros((MEDIUM[1], MEDIUM[0], 3), np.uint8)
        tiles: list[pictures.Pixels] = []
        for index in points.tolist():
            jpeg = self._jpegs.get(index)  # it may have been forgotten since the answer was begun
            tile = None if jpeg is None else pictures.decode_half(jpeg)
            tiles.append(black if tile is None else tile)
        return tiles
