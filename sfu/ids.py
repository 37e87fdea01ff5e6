"""Types for the node's identifiers, so that a number or a string of one meaning is not taken for another."""

from __future__ import annotations

from typing import Literal, NewType

Ssrc = NewType("Ssrc", int)
PeerId = NewType("PeerId", str)
"""The unguessable resource id of a WHIP or WHEP peer, chosen by signaling (128 bits, URL-safe)."""
SessionId = NewType("SessionId", str)
FeedId = NewType("FeedId", str)
"""Who sends, within a session: ``center`` or ``point:<code>``."""
SlotName = NewType("SlotName", str)
"""What a viewer receives: ``main``, ``inset``, ``center``, ``guest1``…; the plan says which feed fills it."""

Kind = Literal["audio", "video"]
Address = tuple[str, int]
"""IP address and port of a remote endpoint. Behind :data:`STREAM` it is the far end of a TCP connection, so that the same numbers
over UDP are another address: ``("tcp:192.0.2.7", 40000)``."""
STREAM = "tcp:"


def is_stream(address: Address) -> bool:
    """Whether an address is the far end of a TCP connection."""
    return address[0].startswith(STREAM)


def without_transport(address: Address) -> Address:
    """IP address and port alone, as STUN writes them."""
    return (address[0][len(STREAM) :], address[1]) if address[0].startswith(STREAM) else address
