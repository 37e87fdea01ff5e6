"""Whose address is it: the one table by which datagrams that are no STUN checks find their peer.

Addresses are entered from authenticated checks only (RFC 8445 §7.3). A check's source address can be forged, though, so a
peer that checked from an address a moment ago keeps it against another peer's check.
"""

from __future__ import annotations

from sfu.ids import Address
from sfu.peer import Peer

ADDRESS_HELD_S = 6.0
"""A connected peer that checked from an address so recently keeps it: browsers check every 2.5 to 6 s. A check's source address
can be forged, so another peer's check from there must not turn this one's media away."""


class AddressBook:
    """Address to peer, and when each was last confirmed."""

    def __init__(self) -> None:
        self._peers: dict[Address, Peer] = {}
        self._held_at: dict[Address, float] = {}

    def __len__(self) -> int:
        return len(self._peers)

    def find(self, address: Address) -> Peer | None:
        """The peer of an address; None for a stranger's."""
        return self._peers.get(address)

    def hold(self, peer: Peer, address: Address, now: float) -> bool:
        """Enters an address that a peer's check came from. Of two peers the later one has it (a browser reuses a port), but not
        while the former one is there: then False is returned, see :data:`ADDRESS_HELD_S`."""
        holder = self._peers.get(address)
        if (
            holder is not peer
            and holder is not None
            and holder.inbound is not None
            and now - self._held_at[address] < ADDRESS_HELD_S
        ):
            return False
        self._peers[address] = peer
        self._held_at[address] = now
        return True

    def forget(self, peer: Peer, address: Address) -> None:
        """Takes an address from a peer, where it has it."""
        if self._peers.get(address) is peer:
            del self._peers[address], self._held_at[address]
