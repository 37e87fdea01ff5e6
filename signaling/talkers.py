"""Which connection speaks by talkback in which call: when it is gone, its talk is to end.

A console that loses its line cannot release its key. Its page begins anew, when it is back and the key is still held. What is
kept is bounded by the connections; when this process dies, talks end by the domain's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.talkback_commands import StopTalkback
from signaling.auth import Identity
from signaling.errands import Errand, Errands
from signaling.membership import Deciding
from signaling.room import Listener
from signaling.talkback_messages import TalkbackOrder


@dataclass(frozen=True, slots=True)
class _Talk:
    session: str
    call: str
    by: str


class Talkers:
    """See the module's text."""

    def __init__(self, owners: Mapping[str, Deciding], errands: Errands) -> None:
        self._owners, self._errands = owners, errands
        self._by_line: dict[Listener, _Talk] = {}

    def __len__(self) -> int:
        return len(self._by_line)

    def note(self, line: Listener, identity: Identity, order: Any) -> None:
        """What a connection ordered is done."""
        if not isinstance(order, TalkbackOrder):
            return
        talk = _Talk(identity.session, order.call, identity.subject)
        if order.kind == "start_talkback":
            self._by_line[line] = talk
        elif self._by_line.get(line) == talk:
            del self._by_line[line]

    def lose(self, line: Listener) -> None:
        """A connection is gone: its talk ends soon, unless another connection of the same account has gone on with it."""
        talk = self._by_line.pop(line, None)
        owner = self._owners.get(talk.session) if talk is not None else None
        if talk is None or owner is None:
            return
        ended = Errand(owner.submit, StopTalkback(talk.call, talk.by), lambda: talk not in self._by_line.values())
        self._errands.put(("talkback", talk.session, talk.call), ended)
