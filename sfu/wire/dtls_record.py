"""DTLS 1.2 records (RFC 6347 §4.1): which of a received datagram reach OpenSSL, and how what it wrote becomes datagrams.

Nothing is decrypted here. A record of epoch 0 is plaintext that anybody can write, and OpenSSL is easily killed by one; a record
of a later epoch is authenticated by OpenSSL, which drops it silently when it is not genuine.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

DTLS_1_0 = 0xFEFF
"""The version of a ClientHello's record, whatever it offers inside."""
DTLS_1_2 = 0xFEFD
_VERSIONS = frozenset({DTLS_1_0, DTLS_1_2})
MAX_DATAGRAM_BYTES = 1200
"""What is sent: fits every path that carries QUIC or WebRTC."""
MAX_RECEIVED_BYTES = 1500
"""What is taken: Firefox's ClientHello comes in a datagram of 1,408 bytes."""
MAX_HANDSHAKE_BYTES = 32_768
"""The longest handshake message that is believed: a certificate chain has a few KiB, a ClientHello 2."""

_RECORD = Struct("!BHH6sH")
"""Type, version, epoch, sequence number, length (RFC 6347 §4.1)."""
RECORD_HEADER_BYTES = _RECORD.size
_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE, _APPLICATION_DATA = 20, 21, 22, 23
_FRAGMENT = Struct("!BBHHBHBH")
"""Type, length, message number, fragment offset and length (RFC 6347 §4.2.2); 24 bits are 8 and 16."""
_HANDSHAKE_HEADER_BYTES = _FRAGMENT.size
FROM_CLIENT = frozenset({1, 11, 15, 16, 20})
"""Handshake messages of a client: ClientHello, Certificate, CertificateVerify, ClientKeyExchange, Finished."""
FROM_SERVER = frozenset({2, 3, 4, 11, 12, 13, 14, 20, 22})
"""And of a server: ServerHello, HelloVerifyRequest, NewSessionTicket, Certificate, ServerKeyExchange, CertificateRequest,
ServerHelloDone, Finished, CertificateStatus."""


def pack_records(data: bytes) -> list[bytes]:
    """Splits what OpenSSL wrote at record headers and packs whole records into datagrams of at most `MAX_DATAGRAM_BYTES`."""
    datagrams: list[bytes] = []
    start = offset = 0
    while offset + RECORD_HEADER_BYTES <= len(data):
        end = offset + RECORD_HEADER_BYTES + (data[offset + 11] << 8 | data[offset + 12])
        if end - start > MAX_DATAGRAM_BYTES and offset > start:
            datagrams.append(data[start:offset])
            start = offset
        offset = end
    if start < len(data):
        datagrams.append(data[start:])
    return datagrams


class Admitted(NamedTuple):
    """The records of a datagram that go to OpenSSL, how many do not, and the description of a plaintext alert among those."""

    records: tuple[bytes, ...]
    dropped: int
    alert: int | None


def admit(data: bytes, message_types: frozenset[int], next_sequence: int, *, accept_plaintext: bool) -> Admitted:
    """Removes the records of a datagram that no honest peer sends.

    Kept are: records of a later epoch (OpenSSL authenticates them), and while the handshake runs ChangeCipherSpec and handshake
    records in plaintext whose messages have an expected type and lengths that agree. A message that claims 16 MB, an alert in
    plaintext, a foreign version or a truncated record would each end an OpenSSL object or its handshake.

    Records in plaintext are numbered anew, from `next_sequence`: their own numbers are not authenticated, and one forged record
    with the highest would make OpenSSL take all that follow for replays. Handshake messages carry numbers of their own.
    """
    if len(data) > MAX_RECEIVED_BYTES:
        return Admitted((), 1, None)
    kept: list[bytes] = []
    dropped = 0
    alert: int | None = None
    offset = 0
    while offset + RECORD_HEADER_BYTES <= len(data):
        kind, version, epoch, _, length = _RECORD.unpack_from(data, offset)
        body = offset + RECORD_HEADER_BYTES
        end = body + length
        if end > len(data):
            break
        if version not in _VERSIONS or not _CHANGE_CIPHER_SPEC <= kind <= _APPLICATION_DATA:
            dropped += 1
        elif epoch:
            kept.append(data[offset:end])
        elif kind == _ALERT:
            dropped += 1
            alert = data[end - 1] if length == 2 else alert
        elif accept_plaintext and _is_plaintext(kind, data[body:end], message_types):
            sequence = (next_sequence + len(kept)).to_bytes(6, "big")
            kept.append(data[offset : offset + 5] + sequence + data[offset + 11 : end])
        else:
            dropped += 1
        offset = end
    if offset < len(data):
        dropped += 1
    return Admitted(tuple(kept), dropped, alert)


def _is_plaintext(kind: int, body: bytes, message_types: frozenset[int]) -> bool:
    """Whether a plaintext record is a ChangeCipherSpec or handshake fragments whose lengths agree (RFC 6347 §4.2.2)."""
    if kind == _CHANGE_CIPHER_SPEC:
        return body == b"\x01"
    if kind != _HANDSHAKE or not body:
        return False
    offset, end = 0, len(body)
    while offset + _HANDSHAKE_HEADER_BYTES <= end:
        message, high, low, _, offset_high, offset_low, part_high, part_low = _FRAGMENT.unpack_from(body, offset)
        length = high << 16 | low
        fragment_offset = offset_high << 16 | offset_low
        fragment_length = part_high << 16 | part_low
        if (
            message not in message_types
            or length > MAX_HANDSHAKE_BYTES
            or fragment_offset + fragment_length > length
            or (fragment_length == 0 and length != 0)
        ):
            return False
        offset += _HANDSHAKE_HEADER_BYTES + fragment_length
    return offset == end


def begins_hello(record: bytes) -> bool:
    """Whether a record begins with a fragment of a ClientHello: nothing else makes an SSL object."""
    return len(record) > RECORD_HEADER_BYTES and record[0] == _HANDSHAKE and record[RECORD_HEADER_BYTES] == 1
