"""A point of a swarm, and what a swarm needs of a center."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from rehearsal.measures import JoinTimes, Sent
from rehearsal.peers import Peer, PeerState
from rehearsal.publisher import Publisher


class Pausing(Protocol):
    """A center that can be silent for a moment; :class:`rehearsal.center.Center` is one."""

    def pause(self) -> None:
        """Publish nothing."""
        ...

    def resume(self) -> None:
        """Go on."""
        ...

    def sent(self) -> Sent:
        """What was published so far."""
        ...


@dataclass(eq=False, slots=True)
class PointMedia:
    """A point of a swarm. Read its attributes; change it by the swarm's methods.

    Attributes:
        code, token: as added. The token may be replaced between two joins.
        is_sampled: whether its media is read; settled when the first point joins.
        loss: the share of packets that it claims to have lost: set by :meth:`Swarm.lose`.
        peer: its viewer while it is joined.
        times: of its newest join.
        publisher_id: what its packets say who they are from; for :meth:`rehearsal.center.Watcher.first_packet_at`.
    """

    code: str
    token: str
    publisher_id: int
    is_sampled: bool | None = None
    loss: float = 0.0
    peer: Peer | None = None
    times: JoinTimes | None = None
    resource: str = ""
    task: asyncio.Task[object] | None = field(default=None, repr=False)
    publisher: Publisher | None = None

    @property
    def is_connected(self) -> bool:
        """Whether it has keys, and neither left nor was closed."""
        return self.peer is not None and self.peer.state is PeerState.CONNECTED
