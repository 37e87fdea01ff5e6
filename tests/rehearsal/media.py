"""Keys of both ends, and packets as a forwarder of the service's kind would send them."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field

import pylibsrtp

from rehearsal import pattern
from rehearsal.control import GCM, policy
from rehearsal.handshake import MediaKeys
from rehearsal.pattern import Block

SHA1_80 = "SRTP_AES128_CM_SHA1_80"


def key_pair(profile: str = GCM) -> tuple[MediaKeys, MediaKeys]:
    """The keys of the two ends of one handshake."""
    salt = 12 if profile == GCM else 14
    a, b, c, d = os.urandom(16), os.urandom(salt), os.urandom(16), os.urandom(salt)
    assert profile in {GCM, SHA1_80}
    return MediaKeys(profile, a, b, c, d), MediaKeys(profile, c, d, a, b)  # type: ignore[arg-type]


@dataclass
class Leg:
    """A slot of a forwarder: numbers of its own over whatever feeds it."""

    keys: MediaKeys
    ssrc: int
    kind: pattern.Kind = "video"
    payload_type: int = 96
    sequence: int = 65_530
    timestamp: int = 0xFFFFF000
    step: int = 4500
    session: pylibsrtp.Session = field(init=False)

    def __post_init__(self) -> None:
        self.session = pylibsrtp.Session(policy(self.keys, inbound=False))

    def packet(self, number: int, *, publisher: int = 0, sent_ns: int = 0, damage: int | None = None, **changes: int) -> bytes:
        """The leg's next packet: the publisher's packet of that number, five to a frame (sound: one).

        ``damage`` changes a byte of the payload before it is sealed; ``changes`` are header fields and steps to differ.
        """
        count = 5 if self.kind == "video" else 1
        frame, place = divmod(number, count)
        if place == 0:
            self.timestamp = self.timestamp + self.step & 0xFFFFFFFF
        block = Block(publisher, number, sent_ns, frame, frame * self.step & 0xFFFFFFFF, place, count, frame % 10 == 0)
        payload = bytearray(pattern.write(self.kind, block, 1168 if self.kind == "video" else 160))
        if damage is not None:
            payload[damage] ^= 1
        marker = changes.get("marker", int(self.kind == "video" and place == count - 1))
        header = struct.pack(
            "!BBHII",
            0x80,
            marker << 7 | self.payload_type,
            self.sequence & 0xFFFF,
            changes.get("timestamp", self.timestamp),
            changes.get("ssrc", self.ssrc),
        )
        self.sequence += 1
        return bytes(self.session.protect(header + bytes(payload)))
