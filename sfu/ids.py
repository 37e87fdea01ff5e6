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
"""IP address and UDP port of a remote endpoint."""
