"""Messages that differ by scope and by nothing else: each is made once, for all consoles that have the scope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from signaling.session import Outgoing


class Within(Protocol):
    """A console's scope; :class:`signaling.room.Scope` is one."""

    @property
    def units(self) -> Sequence[str]:
        """The units that it is made of."""
        ...

    def has(self, point: str) -> bool:
        """Whether a point is within."""
        ...


Told = Callable[[Within], list[Outgoing]]
"""What consoles of a scope are to hear."""


def once_per_scope(make: Told) -> Told:
    """The same, made once a scope. For as long as one fan-out: nothing is ever forgotten."""
    made: dict[tuple[str, ...], list[Outgoing]] = {}

    def told(within: Within) -> list[Outgoing]:
        key = tuple(within.units)
        if key not in made:
            made[key] = make(within)
        return made[key]

    return told
