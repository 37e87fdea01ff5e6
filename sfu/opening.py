"""From a datagram of a known peer to packets: payload types, keys, syntax, in that order. A refusal is counted, never raised."""

from __future__ import annotations

from collections import Counter

from sfu.peer import Peer
from sfu.srtp import InboundSrtp, SrtpError
from sfu.wire import rtcp
from sfu.wire.errors import WireError
from sfu.wire.rtp import RtpPacket


def open_rtp(peer: Peer, data: bytes, counters: Counter[str]) -> RtpPacket | None:
    """A publisher's packet, decrypted; None when it is refused: a viewer's, or of a payload type that was not negotiated."""
    publisher, inbound = peer.publisher, peer.inbound
    if publisher is None or not isinstance(inbound, InboundSrtp) or not publisher.is_payload_type(data[1] & 0x7F):
        counters["dropped_rtp"] += 1
        return None
    try:
        return RtpPacket.parse(inbound.unprotect_rtp(data))
    except SrtpError as error:
        counters[f"srtp_{error.refusal}"] += 1
    except WireError:
        counters["malformed_rtp"] += 1
    return None


def open_rtcp(peer: Peer, data: bytes, counters: Counter[str]) -> bytes | None:
    """A compound packet, decrypted; None when it is refused."""
    if peer.inbound is None:
        counters["dropped_rtcp"] += 1
        return None
    try:
        return peer.inbound.unprotect_rtcp(data)
    except SrtpError as error:
        counters[f"srtp_{error.refusal}"] += 1
    return None


def read_rtcp(plain: bytes, counters: Counter[str]) -> list[rtcp.RtcpPacket]:
    """The packets of a decrypted compound; none when it is malformed."""
    try:
        packets = rtcp.parse_compound(plain)
    except WireError:
        counters["malformed_rtcp"] += 1
        return []
    counters["rtcp_in"] += 1
    return packets
