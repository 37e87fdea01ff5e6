"""What a play is played with, as the play sees it: media, desks, console, meter. The real ones need sockets, others do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from rehearsal.desks import Message, Script
from rehearsal.measures import Counts, JoinTimes, Sent, Window
from rehearsal.usage import Meter


class Media(Protocol):
    """The media of all points, of the center that sends to them, and of its own viewer. Points are named by their code."""

    on_lost: Callable[[str, str], None] | None
    """Called with a point and `consent` or `closed` when its line ends without its doing: it is not joined then."""

    async def start(self) -> None:
        """Open the sockets and begin to keep time."""
        ...

    def add(self, code: str, *, loss: float) -> None:
        """Make a point that has not joined; `loss` is the share of what it gets that it pretends has not come."""
        ...

    async def join(self, code: str) -> JoinTimes:
        """Let a point receive; raises `JoinFailedError`."""
        ...

    async def leave(self, code: str) -> None:
        """End a point's media as a page does that is closed."""
        ...

    def drop(self, code: str) -> None:
        """Stop everything of a point at once, without a word."""
        ...

    async def come_back(self, code: str) -> JoinTimes:
        """Let a point that was dropped receive again; raises `JoinFailedError`."""
        ...

    async def ring(self, code: str) -> None:
        """Connect a point's publisher while its call rings; it sends nothing yet."""
        ...

    def answer(self, code: str) -> None:
        """Let a point's publisher send, now or as soon as it is connected."""
        ...

    async def hang_up(self, code: str) -> None:
        """End a point's publisher; nothing where there is none."""
        ...

    async def answer_to_first_packet_s(self, code: str) -> float:
        """Seconds from :meth:`answer` to the first packet of the point at the center's viewer. It may never come."""
        ...

    async def start_center(self) -> None:
        """Publish the central stream."""
        ...

    async def stop_center(self) -> None:
        """End it; nothing where there is none."""
        ...

    def sent(self) -> Sent:
        """What the center has sent."""
        ...

    def counts(self) -> Counts:
        """Everything counted since the beginning."""
        ...

    async def mark(self) -> Any:
        """Begin a measured window. The center is silent for a moment before, so that nothing is cut in two."""
        ...

    async def since(self, mark: Any) -> Window:
        """End a measured window, after another moment of silence; what happened in it."""
        ...

    async def close(self) -> None:
        """End everything that is left, without asking the service, and close the sockets."""
        ...


class DesksLike(Protocol):
    """What is needed of :class:`rehearsal.desks.Desks`."""

    retries: Counter[str]

    @property
    def live(self) -> int:
        """Points that are live now."""
        ...

    def expect(self, code: str, script: Script | None = None) -> Any:
        """Make a desk that has not joined, with its script."""
        ...

    async def join(self, codes: Iterable[str], script: Script | None = None, within_s: float = 60) -> None:
        """Connect desks and wait for their welcome."""
        ...

    async def leave(self, codes: Iterable[str]) -> None:
        """Close pages."""
        ...

    def drop(self, codes: Iterable[str], *, for_good: bool = True) -> None:
        """Cut lines."""
        ...


class ConsoleLike(Protocol):
    """What is needed of :class:`rehearsal.console.Console`."""

    @property
    def boards(self) -> Mapping[str, Message]:
        """The newest counters of each roll call."""
        ...

    async def order(self, kind: str, **fields: Any) -> Message:
        """Give an order; the `ack`."""
        ...

    async def call_in(self, call: str, states: Iterable[str]) -> Message:
        """The view of a call as soon as it is in one of these states."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything together. Without `desks` and `console` the play has no arrivals, no calls and no roll calls; without a `meter`
    nothing is known of the service's processes."""

    media: Media
    desks: DesksLike | None
    console: ConsoleLike | None
    meter: Meter | None
    name_of: Callable[[str], str]
    """A point's name in words."""
