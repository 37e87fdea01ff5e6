"""What receives beside the engine: the interface of the native intake, and what the engine keeps of each peer there.

At the size of a country most of what arrives changes nothing but a time: 4,000 consent checks and 10,000 receiver reports a
second. The native intake (``sfu/_native/intake.c``) reads the socket on a thread of its own and does just these; whatever else
comes it hands to the engine unchanged, through a ring of bounded length. Without it, in the reference, the loop reads
:class:`sfu.net.udp.UdpSocket` and everything goes through the engine. Both give the same answers, byte for byte, and the same
states.

What the thread does by itself:

* drops what nobody here is meant by (a fragment or an address that is not registered, a wrong size or kind), counted;
* answers the check that :meth:`sfu.ice.IceAgent.settled_check` names, and notes when;
* opens the SRTCP of viewers; receiver reports become the viewer's line quality. A compound with anything besides them and
  descriptions comes to the engine opened, its reports read already.

Registration is the engine's alone and takes effect before the call returns: a peer that was released is not answered any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sfu.ids import Address
from sfu.srtcp import SrtcpOpener
from sfu.srtp import SessionKeys, Suite

Told = tuple[object, tuple[float, float] | None, tuple[float, float] | None, float | None]
"""What is told of a viewer: its owner; packets lost and expected of the pictures, and of the sound; the round trip in ms."""
MAX_LEGS = 32
"""Legs whose reports are read natively; of a viewer with more (a console's wall) the rest are not counted in its line quality."""


class Line(SrtcpOpener, Protocol):
    """One connected peer in the intake."""

    @property
    def checked_at(self) -> float:
        """When the last check was answered for the peer since :meth:`settle` named the address, monotonic seconds; minus
        infinity before the first."""
        ...

    def settle(self, local: str, remote: str, password: str, address: Address, /) -> bool:
        """Answers this check from now on, and only this; False where the intake leaves it to the engine (a TCP peer)."""
        ...

    def unsettle(self) -> None:
        """Leaves all checks to the engine again."""
        ...

    def watch(self, is_watched: bool, /) -> None:
        """Whether each report of this viewer is worth telling, and not the noteworthy ones only."""
        ...

    def release(self) -> None:
        """The peer is gone. Nothing of it is taken or answered any more; its owner is let go of."""
        ...


class Intake(Protocol):
    """The receiving half of a native core. All methods are called from the loop's thread."""

    def expect(self, ufrag: str, /) -> None:
        """Lets checks for this local fragment through; those for any other are dropped."""
        ...

    def forget(self, ufrag: str, /) -> None:
        """The opposite of :meth:`expect`."""
        ...

    def connect(
        self, owner: object, suite: Suite | None, keys: SessionKeys | None, pictures: Sequence[int], sounds: Sequence[int], /
    ) -> Line:
        """A peer whose handshake is done.

        Args:
            owner: what :meth:`take` and :meth:`reports` name it by.
            suite, keys: of its SRTCP when the intake shall open it; None for publishers.
            pictures, sounds: the SSRCs of its legs, which its reports are about.
        """
        ...

    def assign(self, address: Address, line: Any, /) -> None:
        """An address belongs to a peer: one that still connects where ``line`` is None. What comes from others is dropped."""
        ...

    def unassign(self, address: Address, /) -> None:
        """The opposite of :meth:`assign`."""
        ...

    def fileno(self) -> int:
        """Readable while something waits for :meth:`take`."""
        ...

    def take(self, most: int, /) -> list[tuple[bytes, object]]:
        """What waits, in its order: a datagram and its address, or the opened RTCP of a peer and its owner.

        Asking again (for 0 too) says that what was taken before has been handled: until then datagrams from addresses that are
        not assigned are passed on, because a check that makes them known may be among what was taken.
        """
        ...

    def reports(self) -> list[Told]:
        """Line qualities since the last call, one a viewer. Reports in compounds with anything else count here too.

        Only what is worth it: more than 1 % lost of a stream, a round trip that grew, the report in which that is over, a viewer
        that is watched, and each viewer's first authentic packet.
        """
        ...

    def counters(self) -> dict[str, int]:
        """What was done and dropped so far, by name."""
        ...

    def close(self) -> None:
        """Ends the thread."""
        ...
