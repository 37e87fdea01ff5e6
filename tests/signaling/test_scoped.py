"""Messages made once a scope."""

from __future__ import annotations

from signaling.messages import Tick
from signaling.room import Scope
from signaling.scoped import Within, once_per_scope
from signaling.session import Outgoing
from tests.signaling.world import directory


def test_consoles_of_one_scope_share_a_message() -> None:
    made: list[tuple[str, ...]] = []

    def make(within: Within) -> list[Outgoing]:
        made.append(tuple(within.units))
        return [Outgoing(Tick(at=len(made)))]

    told = once_per_scope(make)
    first = told(Scope(directory(), ("79",)))
    assert told(Scope(directory(), ("79",))) is first
    assert told(Scope(directory(), ("80",))) is not first
    assert made == [("79",), ("80",)]
