"""What a room tells of talkback: the point spoken to, and consoles of its scope, at once. No task, no clock.

Told is the difference between what runs and what was told last, whatever ended a talk: a command, its clock, its call, or a state
that was built anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bridge.bridge import Bridge
from bridge.talkback import Talk
from signaling.session import Outgoing
from signaling.talkback_messages import message_of, talkback_of


@dataclass(frozen=True, slots=True)
class _Told:
    point: str
    by: str


class TalkbackNews:
    """See the module's text. ``bridge`` gives the state of the room's session."""

    def __init__(self, bridge: Callable[[], Bridge]) -> None:
        self._bridge = bridge
        self._told: dict[str, _Told] = {}

    def take(self) -> list[tuple[str, Outgoing]]:
        """Take what began and what ended since the last time: the point, and what it and its consoles are to hear."""
        talks = self._bridge().state.talks
        if not talks and not self._told:
            return []
        news: list[tuple[str, Outgoing]] = []
        for call, told in list(self._told.items()):
            running = talks.get(call)
            if running is None or running.by != told.by:
                del self._told[call]
                news.append((told.point, Outgoing(talkback_of(call, told.by, on=False), _key(call))))
        for point, talk in self._running():
            if talk.call not in self._told:
                self._told[talk.call] = _Told(point, talk.by)
                news.append((point, _outgoing(talk)))
        return news

    def for_console(self, has: Callable[[str], bool]) -> list[Outgoing]:
        """What a console that has just come is to hear; ``has`` says which points its scope has."""
        return [_outgoing(talk) for point, talk in self._running() if has(point)]

    def for_point(self, point: str) -> list[Outgoing]:
        """What a point that has just come is to hear."""
        return [_outgoing(talk) for spoken_to, talk in self._running() if spoken_to == point]

    def _running(self) -> Iterator[tuple[str, Talk]]:
        state = self._bridge().state
        for talk in state.talks.values():
            yield state.calls[talk.call].point, talk


def _key(call: str) -> str:
    return f"talkback:{call}"


def _outgoing(talk: Talk) -> Outgoing:
    return Outgoing(message_of(talk), _key(talk.call))
