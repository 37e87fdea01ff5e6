"""STUN messages as ICE uses them (RFC 8489, RFC 8445 §7 and §16): read a Binding request, write its answer.

Two ways in. `parse` reads any message into a `Message` and is for tests, tools and clients. `RequestReader` is the node's path:
ten thousand points make some 4,000 checks a second, so it keeps only what an ICE-lite agent acts on, walks the attributes only
when they are not those of the check before, and leaves the HMAC to the caller, who first looks at the user name. A check costs
two HMACs and little else: `IntegrityKey` has hashed the key's two blocks once and for all.

Attributes behind MESSAGE-INTEGRITY are not authenticated and are skipped, FINGERPRINT excepted (RFC 8489 §9). Nothing that a
peer may leave out is demanded: FFmpeg's WHIP muxer sends neither PRIORITY nor ICE-CONTROLLING.
"""

from __future__ import annotations

import hashlib
import hmac
import socket
from binascii import crc32
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

from sfu.ids import Address
from sfu.wire.errors import WireError

MAGIC_COOKIE = 0x2112A442
HEADER_BYTES = 20
MAX_MESSAGE_BYTES = 1500
"""Larger than any Binding request a browser makes (about 130 bytes), and what one Ethernet frame carries."""
MAX_USERNAME_BYTES = 513
"""RFC 8489 §14.3: fewer than 509 bytes of UTF-8; RFC 8445 §5.3 allows two fragments of 256 and a colon."""
INTEGRITY_BYTES = 24
"""MESSAGE-INTEGRITY with its header: HMAC-SHA1 is 20 bytes."""
FINGERPRINT_BYTES = 8
_FINGERPRINT_XOR = 0x5354554E

_INTEGRITY_HEADER = b"\x00\x08\x00\x14"
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_HEADER = Struct("!HHI12s")
_TYPE_LENGTH = Struct("!HH")
_U16 = Struct("!H")
_U32 = Struct("!I")


class MessageType(IntEnum):
    """Method and class of the messages ICE exchanges (RFC 8489 §5)."""

    BINDING_REQUEST = 0x0001
    BINDING_INDICATION = 0x0011
    BINDING_SUCCESS = 0x0101
    BINDING_ERROR = 0x0111


class Attribute(IntEnum):
    """Attribute types (RFC 8489 §18.3, RFC 8445 §16.1)."""

    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    UNKNOWN_ATTRIBUTES = 0x000A
    XOR_MAPPED_ADDRESS = 0x0020
    PRIORITY = 0x0024
    USE_CANDIDATE = 0x0025
    SOFTWARE = 0x8022
    FINGERPRINT = 0x8028
    ICE_CONTROLLED = 0x8029
    ICE_CONTROLLING = 0x802A


_USERNAME = int(Attribute.USERNAME)
_INTEGRITY = int(Attribute.MESSAGE_INTEGRITY)
_FINGERPRINT = int(Attribute.FINGERPRINT)
_USE_CANDIDATE = int(Attribute.USE_CANDIDATE)
_CONTROLLED = int(Attribute.ICE_CONTROLLED)
_UNDERSTOOD = frozenset({_USERNAME, _INTEGRITY, int(Attribute.PRIORITY), _USE_CANDIDATE})
"""Comprehension-required attributes (below 0x8000) that a Binding request may carry; any other is answered 420."""


@dataclass(frozen=True, slots=True)
class BindingRequest:
    """What an ICE-lite agent acts on in a Binding request. Nothing in it is authenticated before `is_authentic`.

    Attributes:
        username: ``<fragment of the receiver>:<fragment of the sender>`` (RFC 8445 §7.2.2).
        integrity_offset: where MESSAGE-INTEGRITY begins.
        use_candidate: the controlling side nominates this pair (RFC 8445 §7.1.2).
        is_controlled: the sender believes itself controlled; an ICE-lite agent answers 487 (RFC 8445 §7.3.1.1).
        unknown: comprehension-required types that are not understood (RFC 8489 §6.3.1).
    """

    username: str
    integrity_offset: int
    use_candidate: bool
    is_controlled: bool
    unknown: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """Any STUN message: type, transaction and attributes in their order, those behind MESSAGE-INTEGRITY left out."""

    message_type: int
    transaction_id: bytes
    attributes: tuple[tuple[int, bytes], ...]
    integrity_offset: int | None

    def value(self, attribute: int) -> bytes | None:
        """The first attribute of this type (RFC 8489 §14: later duplicates are ignored), None when absent."""
        return next((value for kind, value in self.attributes if kind == attribute), None)


def is_stun(data: bytes) -> bool:
    """Whether the bytes have a STUN header: two zero bits, the cookie, a length of whole words that fits (RFC 8489 §5)."""
    if not HEADER_BYTES <= len(data) <= MAX_MESSAGE_BYTES:
        return False
    return (
        data[0] < 4
        and data[4:8] == b"\x21\x12\xa4\x42"
        and not data[3] & 3
        and HEADER_BYTES + (data[2] << 8 | data[3]) == len(data)
    )


def stun_username_fragment(data: bytes) -> str | None:
    """The receiver's half of USERNAME in a Binding request: our own fragment, by which the node finds the peer.

    Costs no HMAC and raises nothing: a Chromium whose server restarted asks every 62 ms, and such requests, with fragments
    unknown here, end at the table that the caller looks this up in. None for anything that is no Binding request with a user
    name in front of MESSAGE-INTEGRITY.
    """
    end = len(data)
    if data[:2] != b"\x00\x01" or not is_stun(data):
        return None
    offset = HEADER_BYTES
    while offset + 4 <= end:
        kind, length = _TYPE_LENGTH.unpack_from(data, offset)
        offset += 4
        if kind == _USERNAME:
            colon = data.find(b":", offset, min(offset + length, end))
            if colon <= offset or length > MAX_USERNAME_BYTES:
                return None
            fragment = data[offset:colon]
            return fragment.decode("ascii") if fragment.isascii() else None
        if kind == _INTEGRITY:
            return None
        offset += length + 3 & ~3
    return None


def read_request(data: bytes) -> BindingRequest:
    """Reads a Binding request, integrity not yet checked.

    Raises:
        WireError: it is none, an attribute runs past the end, USERNAME or MESSAGE-INTEGRITY is missing or malformed, or a
            FINGERPRINT is there and wrong.

    """
    end = len(data)
    if not is_stun(data) or data[:2] != b"\x00\x01":
        raise WireError("not a STUN Binding request")
    found: dict[int, bytes] = {}
    offset = HEADER_BYTES
    while offset + 4 <= end:
        kind, length = _TYPE_LENGTH.unpack_from(data, offset)
        following = offset + 4 + (length + 3 & ~3)
        if following > end:
            raise WireError("a STUN attribute runs past the end")
        if kind == _INTEGRITY:
            if length != 20 or _USERNAME not in found or _FINGERPRINT in found:
                raise WireError("MESSAGE-INTEGRITY malformed, without USERNAME or behind FINGERPRINT")
            _check_fingerprint(data, following)
            unknown = tuple(kind for kind in found if kind < 0x8000 and kind not in _UNDERSTOOD)
            username = _decode_username(found[_USERNAME])
            return BindingRequest(username, offset, _USE_CANDIDATE in found, _CONTROLLED in found, unknown)
        # RFC 8489 §14: of attributes that come twice the first counts.
        if kind not in found:
            found[kind] = data[offset + 4 : offset + 4 + length]
        offset = following
    raise WireError("no MESSAGE-INTEGRITY")


class RequestReader:
    """`read_request` for one peer, whose checks mostly differ in transaction, integrity and fingerprint alone.

    As long as the header and the attributes in front of MESSAGE-INTEGRITY are those of the request before, the result is too.
    FINGERPRINT is not looked at then: it tells STUN from other protocols, and MESSAGE-INTEGRITY says more.
    """

    __slots__ = ("_attributes", "_head", "_request")

    def __init__(self) -> None:
        self._head = b""
        self._attributes = b""
        self._request: BindingRequest | None = None

    def read(self, data: bytes) -> BindingRequest:
        """Reads a Binding request, integrity not yet checked.

        Raises:
            WireError: as `read_request`.

        """
        request = self._request
        if (
            request is not None
            and data[:8] == self._head
            and data[HEADER_BYTES : request.integrity_offset] == self._attributes
            and data[request.integrity_offset : request.integrity_offset + 4] == _INTEGRITY_HEADER
            and len(data) == HEADER_BYTES + (data[2] << 8 | data[3])
        ):
            return request
        request = read_request(data)
        self._head, self._attributes, self._request = data[:8], data[HEADER_BYTES : request.integrity_offset], request
        return request


class IntegrityKey:
    """A password as the key of MESSAGE-INTEGRITY: HMAC-SHA1 (RFC 2104) with the key's inner and outer block hashed in advance.

    Saves 40 % of each HMAC over `hmac.digest`. The key of a short-term credential is the password itself (RFC 8489 §9.1.1). The
    blocks are hashed when they are first needed.
    """

    __slots__ = ("_inner", "_outer", "password")

    def __init__(self, password: str) -> None:
        self.password = password
        self._inner: hashlib._Hash | None = None
        self._outer: hashlib._Hash | None = None

    def _hash_blocks(self) -> tuple[hashlib._Hash, hashlib._Hash]:
        key = self.password.encode()
        if len(key) > 64:
            key = hashlib.sha1(key, usedforsecurity=False).digest()
        block = key.ljust(64, b"\0")
        # SHA-1 is what the protocol prescribes; as HMAC it is unbroken.
        self._inner = hashlib.sha1(block.translate(_INNER), usedforsecurity=False)
        self._outer = hashlib.sha1(block.translate(_OUTER), usedforsecurity=False)
        return self._inner, self._outer

    def release(self) -> None:
        """Lets go of the hashed blocks, half a KiB: somebody else answers the checks."""
        self._inner = self._outer = None

    def digest(self, data: bytes) -> bytes:
        """HMAC-SHA1 of the bytes."""
        inner, outer = self._inner, self._outer
        if inner is None or outer is None:
            inner, outer = self._hash_blocks()
        inner = inner.copy()
        inner.update(data)
        outer = outer.copy()
        outer.update(inner.digest())
        return outer.digest()


def is_authentic(data: bytes, integrity_offset: int, key: IntegrityKey) -> bool:
    """Whether MESSAGE-INTEGRITY at `integrity_offset` fits the key (RFC 8489 §14.5), compared in constant time.

    The HMAC covers everything in front of the attribute, with a header length that ends right behind it.
    """
    covered = data[:2] + _U16.pack(integrity_offset + INTEGRITY_BYTES - HEADER_BYTES) + data[4:integrity_offset]
    return hmac.compare_digest(key.digest(covered), data[integrity_offset + 4 : integrity_offset + INTEGRITY_BYTES])


def parse(data: bytes) -> Message:
    """Reads any STUN message; attributes behind MESSAGE-INTEGRITY are dropped, FINGERPRINT is checked when present.

    Raises:
        WireError: not STUN, an attribute runs past the end, or FINGERPRINT is wrong or not last.

    """
    if not is_stun(data):
        raise WireError("not a STUN message")
    end = len(data)
    attributes: list[tuple[int, bytes]] = []
    integrity_offset: int | None = None
    offset = HEADER_BYTES
    while offset < end:
        if offset + 4 > end:
            raise WireError("a STUN attribute header is cut off")
        kind, length = _TYPE_LENGTH.unpack_from(data, offset)
        value = offset + 4
        following = value + (length + 3 & ~3)
        if following > end:
            raise WireError("a STUN attribute runs past the end")
        if kind == _FINGERPRINT:
            _check_fingerprint(data, offset)
        elif integrity_offset is None:
            if kind == _INTEGRITY:
                if length != 20:
                    raise WireError("MESSAGE-INTEGRITY is not 20 bytes")
                integrity_offset = offset
            attributes.append((kind, data[value : value + length]))
        offset = following
    return Message(data[0] << 8 | data[1], data[8:20], tuple(attributes), integrity_offset)


def serialize(
    message_type: int,
    transaction_id: bytes,
    attributes: tuple[tuple[int, bytes], ...] = (),
    key: IntegrityKey | None = None,
    *,
    fingerprint: bool = True,
) -> bytes:
    """Writes a STUN message; MESSAGE-INTEGRITY is added when `key` is given, FINGERPRINT when asked for.

    Padding bytes are zero (RFC 8489 §14).
    """
    body = bytearray()
    for kind, value in attributes:
        body += _TYPE_LENGTH.pack(kind, len(value)) + value + bytes(-len(value) % 4)
    if key is not None:
        head = _HEADER.pack(message_type, len(body) + INTEGRITY_BYTES, MAGIC_COOKIE, transaction_id)
        body += _INTEGRITY_HEADER + key.digest(head + body)
    tail = FINGERPRINT_BYTES if fingerprint else 0
    message = _HEADER.pack(message_type, len(body) + tail, MAGIC_COOKIE, transaction_id) + body
    return message + _fingerprint(message) if fingerprint else message


def binding_success(
    transaction_id: bytes, address: Address, key: IntegrityKey, max_bytes: int = MAX_MESSAGE_BYTES
) -> bytes | None:
    """The answer to a check: XOR-MAPPED-ADDRESS, MESSAGE-INTEGRITY and, where it fits, FINGERPRINT (RFC 8445 §7.3.1).

    Args:
        transaction_id: that of the request.
        address: where the request came from.
        key: of the agent that answers; the same as in the request.
        max_bytes: the size of the request: an answer is never larger, so that nobody amplifies through this port.

    Returns:
        64 bytes for IPv4, 76 for IPv6, 8 fewer without FINGERPRINT; None when even that exceeds `max_bytes`.

    """
    mapped = xor_mapped_address(address, transaction_id)
    size = len(mapped) + INTEGRITY_BYTES
    fingerprint = HEADER_BYTES + size + FINGERPRINT_BYTES <= max_bytes
    if not fingerprint and HEADER_BYTES + size > max_bytes:
        return None
    rest = b"\x21\x12\xa4\x42" + transaction_id + mapped
    integrity = _INTEGRITY_HEADER + key.digest(b"\x01\x01" + _U16.pack(size) + rest)
    if not fingerprint:
        return b"\x01\x01" + _U16.pack(size) + rest + integrity
    message = b"\x01\x01" + _U16.pack(size + FINGERPRINT_BYTES) + rest + integrity
    return message + _fingerprint(message)


def binding_error(
    transaction_id: bytes, code: int, key: IntegrityKey, max_bytes: int = MAX_MESSAGE_BYTES, unknown: tuple[int, ...] = ()
) -> bytes | None:
    """An authenticated error answer (RFC 8489 §14.8), without a reason phrase; None when larger than `max_bytes`.

    420 carries UNKNOWN-ATTRIBUTES (RFC 8489 §14.13).
    """
    attributes: tuple[tuple[int, bytes], ...] = ((Attribute.ERROR_CODE, bytes((0, 0, code // 100, code % 100))),)
    if unknown:
        attributes += ((Attribute.UNKNOWN_ATTRIBUTES, b"".join(_U16.pack(kind) for kind in unknown)),)
    for fingerprint in (True, False):
        message = serialize(MessageType.BINDING_ERROR, transaction_id, attributes, key, fingerprint=fingerprint)
        if len(message) <= max_bytes:
            return message
    return None


def xor_mapped_address(address: Address, transaction_id: bytes) -> bytes:
    """XOR-MAPPED-ADDRESS with its header (RFC 8489 §14.2). An IPv4 address in IPv6 clothes counts as IPv4.

    Raises:
        WireError: the address is neither IPv4 nor IPv6.

    """
    host, port = address[0], address[1]
    xored_port = port ^ 0x2112
    try:
        if ":" not in host:
            packed = int.from_bytes(socket.inet_aton(host), "big")
            return b"\x00\x20\x00\x08\x00\x01" + _U16.pack(xored_port) + _U32.pack(packed ^ MAGIC_COOKIE)
        raw = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    except OSError:
        raise WireError("not an IP address") from None
    if raw[:12] == b"\0\0\0\0\0\0\0\0\0\0\xff\xff":
        mapped = int.from_bytes(raw[12:], "big") ^ MAGIC_COOKIE
        return b"\x00\x20\x00\x08\x00\x01" + _U16.pack(xored_port) + _U32.pack(mapped)
    mask = MAGIC_COOKIE << 96 | int.from_bytes(transaction_id, "big")
    return b"\x00\x20\x00\x14\x00\x02" + _U16.pack(xored_port) + (int.from_bytes(raw, "big") ^ mask).to_bytes(16, "big")


def decode_xor_mapped_address(value: bytes, transaction_id: bytes) -> Address:
    """The address in the value of an XOR-MAPPED-ADDRESS.

    Raises:
        WireError: wrong length or family.

    """
    if len(value) == 8 and value[1] == 1:
        raw = (_U32.unpack_from(value, 4)[0] ^ MAGIC_COOKIE).to_bytes(4, "big")
        return socket.inet_ntop(socket.AF_INET, raw), _U16.unpack_from(value, 2)[0] ^ 0x2112
    if len(value) == 20 and value[1] == 2:
        mask = MAGIC_COOKIE << 96 | int.from_bytes(transaction_id, "big")
        raw = (int.from_bytes(value[4:], "big") ^ mask).to_bytes(16, "big")
        return socket.inet_ntop(socket.AF_INET6, raw), _U16.unpack_from(value, 2)[0] ^ 0x2112
    raise WireError("malformed XOR-MAPPED-ADDRESS")


def _fingerprint(message: bytes) -> bytes:
    """FINGERPRINT over a message whose header length already counts it (RFC 8489 §14.7)."""
    return b"\x80\x28\x00\x04" + _U32.pack(crc32(message) ^ _FINGERPRINT_XOR)


def _check_fingerprint(data: bytes, offset: int) -> None:
    """Checks the FINGERPRINT where one ends the message; anything else behind MESSAGE-INTEGRITY is skipped."""
    end = len(data)
    while offset + 4 <= end:
        kind, length = _TYPE_LENGTH.unpack_from(data, offset)
        if kind == _FINGERPRINT:
            if length != 4 or offset + FINGERPRINT_BYTES != end:
                raise WireError("FINGERPRINT is not the last attribute")
            if data[offset:] != _fingerprint(data[:offset]):
                raise WireError("wrong FINGERPRINT")
            return
        offset += 4 + (length + 3 & ~3)
    if offset != end:
        raise WireError("a STUN attribute runs past the end")


def _decode_username(raw: bytes) -> str:
    """USERNAME as text: two fragments of ICE characters, which are ASCII (RFC 8445 §5.3, RFC 8839 §5.4)."""
    if len(raw) > MAX_USERNAME_BYTES or not raw.isascii():
        raise WireError("malformed USERNAME")
    return raw.decode("ascii")
