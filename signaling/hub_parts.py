"""What the hub needs of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from signaling.membership import Deciding
from signaling.room import Listener


class Owner(Deciding, Protocol):
    """What the hub needs of :class:`signaling.owner.SessionOwner`."""

    session: str

    @property
    def is_ready(self) -> bool:
        """Whether commands can be given."""
        ...

    async def wait_ready(self) -> None:
        """Return when it is ready."""
        ...

    def listen(self, listener: Callable[[Sequence[Any]], None], on_reset: Callable[[], None] | None = None) -> Callable[[], None]:
        """Be told events once they are on disk."""
        ...


class Presence(Protocol):
    """Where this process notes which points it holds."""

    def arrived(self, session: str, point: str) -> None:
        """A point is connected here. Called before its arrival is recorded, so that no take-over misses it."""
        ...

    def left(self, session: str, point: str) -> None:
        """It is not any more."""
        ...


class HubLine(Listener, Protocol):
    """A connection with the address it came from."""

    address: str


async def load_nothing(_session: str) -> None:
    """Serve no other session than those that are served: what a hub does before it is told how to load one."""
