"""Draws: points by lot, those not called for long the likelier, and the same again from the recorded seed.

**Weight.** ``w = 1 + minutes since the point was last called``, at most 1 + 43,200 (thirty days); ``w = 86,402``, twice that, for
a point that was never called. Whole minutes, rounded down.

**Lot.** Weighted sampling without replacement after Efraimidis and Spirakis (2006): every candidate gets a number
``E / w``, E exponentially distributed, and the k smallest numbers are drawn, in order. So the first is drawn with the probability
w / (sum of all w), the second likewise of those left, and so on.

**Numbers.** No platform's floating point is in it. For candidate ``code`` the stream of 64-bit numbers is the big-endian quarters
of ``SHA-256("diemcau draw 1" LF seed LF code LF n)`` for n = 0, 1, 2…, decimal, all UTF-8. E is made of the stream by von
Neumann's comparisons (1951), exactly: take u, then go on taking numbers while each is smaller than the one before; when the first
that is not smaller is the 2nd, 4th, 6th… of this round, ``E = rounds before · 2^64 + u``, else begin another round. (A falling
run from u = x·2^64 ends at an even place with probability e^-x.) The number to compare is ``E · 2^32 // w``; equal ones go by
code.

A candidate's number depends on nothing but seed, code and weight: another order, or a candidate more, moves nobody else's.

**Without repeats.** Who was drawn before in the session comes after all who were not. When none of the candidates is left the
draw starts over: the rest is drawn from those drawn before, and of these candidates only the points of this draw count as drawn
then.
"""

import hashlib
import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from bridge.draw_events import PointsDrawn

MAX_DRAWN: Final = 100
SEED_MAX_CHARS: Final = 64
FILTER_MAX_CHARS: Final = 400
MAX_KEPT: Final = 100
"""Draws of a session in memory, the newest, without their candidates; the log keeps all and whole."""

MINUTE_MS: Final = 60_000
LONGEST_MINUTES: Final = 30 * 24 * 60
NEVER_WEIGHT: Final = 2 * (1 + LONGEST_MINUTES)

_QUARTERS: Final = struct.Struct(">4Q")


def weight_of(last_called: int, now: int) -> int:
    """Give the weight of a point: the longer ago its last call the heavier; 0 is never."""
    if last_called <= 0:
        return NEVER_WEIGHT
    return 1 + min(max(0, now - last_called) // MINUTE_MS, LONGEST_MINUTES)


def stream(seed: str, code: str) -> Iterator[int]:
    """Give the 64-bit numbers of one candidate, without an end."""
    head = f"diemcau draw 1\n{seed}\n{code}\n".encode()
    block = 0
    while True:
        digest = hashlib.sha256(head + str(block).encode()).digest()
        yield from _QUARTERS.unpack(digest)
        block += 1


def exponential(numbers: Iterator[int]) -> int:
    """Give an exponentially distributed number of mean 2^64, exact to its last bit."""
    rounds = 0
    while True:
        first = before = next(numbers)
        length = 1
        while True:
            number = next(numbers)
            length += 1
            if number >= before:
                break
            before = number
        if length % 2 == 0:
            return (rounds << 64) + first
        rounds += 1


def drawn_of(
    seed: str, k: int, candidates: Sequence[str], last_called: Sequence[int], drawn_before: Collection[str], now: int
) -> tuple[str, ...]:
    """Draw: see the text of the module. Gives k points, fewer when there are fewer candidates."""
    before = frozenset(drawn_before)
    lots = [
        (code in before, (exponential(stream(seed, code)) << 32) // weight_of(at, now), code)
        for code, at in zip(candidates, last_called, strict=True)
    ]
    return tuple(code for _, _, code in sorted(lots)[:k])


def verify(event: PointsDrawn) -> bool:
    """Draw again from what the event records and say whether the same points come."""
    if len(event.candidates) != len(event.last_called):
        return False
    drawn = drawn_of(event.seed, event.k, event.candidates, event.last_called, event.drawn_before, event.at)
    return drawn == event.drawn


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw as it is remembered: everything but the candidates themselves."""

    id: str
    at: int
    by: str
    seed: str
    k: int
    units: tuple[str, ...]
    filter: str
    candidates: int
    left_out: int
    """Candidates that had been drawn before, and so came last."""
    started_over: bool
    """Whether some of those were drawn again, because nobody else was left."""
    drawn: Mapping[str, int]
    """The points in the order of the lot, with when they had last been called; 0 is never."""


class Draws:
    """The draws of a session: the newest, and who has been drawn since the last start over."""

    def __init__(self) -> None:
        self.kept: dict[str, Draw] = {}
        self.made = 0
        """Number of draws so far."""
        self.drawn: set[str] = set()

    def add(self, event: PointsDrawn) -> None:
        """Enter a draw."""
        before, times = frozenset(event.drawn_before), dict(zip(event.candidates, event.last_called, strict=True))
        started_over = not before.isdisjoint(event.drawn)
        if started_over:
            self.drawn -= times.keys()
        self.drawn.update(event.drawn)
        self.made += 1
        self.kept[event.draw] = Draw(
            event.draw,
            event.at,
            event.by,
            event.seed,
            event.k,
            event.units,
            event.filter,
            len(event.candidates),
            len(before),
            started_over,
            {code: times[code] for code in event.drawn},
        )
        if len(self.kept) > MAX_KEPT:
            del self.kept[next(iter(self.kept))]

    def to_plain(self) -> dict[str, object]:
        """Give everything as plain data, to compare."""
        return {"kept": [asdict(draw) for draw in self.kept.values()], "made": self.made, "drawn": sorted(self.drawn)}
