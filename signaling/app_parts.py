"""What the composition of signaling needs of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from signaling.media import MediaEvent
from signaling.whip import Media


class MediaClient(Media, Protocol):
    """What the process needs of :class:`signaling.media.MediaNode`."""

    ready: bool
    epoch: str | None
    skipped_lines: int

    async def start(self) -> None:
        """Begin to connect."""
        ...

    async def close(self) -> None:
        """Disconnect."""
        ...

    async def limit(self, peer: str, level: str) -> None:
        """Give a viewer no more than this of the pictures."""
        ...

    def listen(self, listener: Callable[[MediaEvent], None]) -> Callable[[], None]:
        """Be told what happens at the node."""
        ...

    async def stats(self) -> dict[str, float]:
        """The node's numbers."""
        ...
