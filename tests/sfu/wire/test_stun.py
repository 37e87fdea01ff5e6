"""STUN against the vectors of RFC 5769, against aioice, and against bytes that mean harm."""

from __future__ import annotations

import hmac
import random
import struct
from typing import Any

import pytest
from aioice import stun as aioice_stun
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.wire import stun
from sfu.wire.errors import WireError
from sfu.wire.stun import Attribute, IntegrityKey, MessageType
from tests.harness.browser_bytes import CHROMIUM, FIREFOX, Capture

# RFC 5769 §2.1 to §2.3: padding is 0x20 there, the user name stands behind a SOFTWARE attribute.
PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt"
REQUEST = bytes.fromhex(
    "000100582112a442b7e7a701bc34d686fa87dfae"
    "802200105354554e207465737420636c69656e74"
    "002400046e0001ff"
    "80290008932ff9b151263b36"
    "000600096576746a3a68367659202020"
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
    "80280004e57a3bcf"
)
RESPONSE_IPV4 = bytes.fromhex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004c07d4c96"
)
RESPONSE_IPV6 = bytes.fromhex(
    "010100482112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014a382954e4be67bf11784c97c8292c275bfe3ed41"
    "80280004c8fb0b4c"
)
TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")
KEY = IntegrityKey(PASSWORD)


class TestVectors:
    """RFC 5769."""

    def test_request_is_read(self) -> None:
        request = stun.read_request(REQUEST)
        assert request.username == "evtj:h6vY"
        assert request.is_controlled
        assert not request.use_candidate
        assert request.unknown == ()
        assert stun.is_authentic(REQUEST, request.integrity_offset, KEY)
        assert not stun.is_authentic(REQUEST, request.integrity_offset, IntegrityKey(PASSWORD + "x"))
        assert stun.stun_username_fragment(REQUEST) == "evtj"

    def test_request_is_parsed(self) -> None:
        message = stun.parse(REQUEST)
        assert message.message_type == MessageType.BINDING_REQUEST
        assert message.transaction_id == TRANSACTION
        assert message.value(Attribute.SOFTWARE) == b"STUN test client"
        assert message.value(Attribute.PRIORITY) == bytes.fromhex("6e0001ff")
        assert message.value(Attribute.ICE_CONTROLLED) == bytes.fromhex("932ff9b151263b36")

    @pytest.mark.parametrize(
        ("data", "address"),
        [(RESPONSE_IPV4, ("192.0.2.1", 32853)), (RESPONSE_IPV6, ("2001:db8:1234:5678:11:2233:4455:6677", 32853))],
    )
    def test_responses(self, data: bytes, address: tuple[str, int]) -> None:
        message = stun.parse(data)
        assert message.message_type == MessageType.BINDING_SUCCESS
        assert message.integrity_offset is not None
        assert stun.is_authentic(data, message.integrity_offset, KEY)
        value = message.value(Attribute.XOR_MAPPED_ADDRESS)
        assert value is not None
        assert stun.decode_xor_mapped_address(value, TRANSACTION) == address
        # The same attribute written by us is the RFC's bytes.
        assert stun.xor_mapped_address(address, TRANSACTION)[4:] == value

    @pytest.mark.parametrize("data", [REQUEST, RESPONSE_IPV4, RESPONSE_IPV6])
    def test_every_changed_byte_is_noticed(self, data: bytes) -> None:
        for position in range(len(data)):
            changed = bytearray(data)
            changed[position] ^= 0x01
            try:
                message = stun.parse(bytes(changed))
            except WireError:
                continue
            # Only the FINGERPRINT's own type can hide it, and then MESSAGE-INTEGRITY still covers what is in front of it.
            assert position in range(len(data) - 8, len(data) - 6), position
            assert message.value(Attribute.FINGERPRINT) is None


class TestIntegrityKey:
    """HMAC-SHA1 with the key hashed in advance."""

    @pytest.mark.parametrize("length", [0, 1, 22, 63, 64, 65, 256])
    def test_equals_the_library(self, length: int) -> None:
        password = "p" * length
        for size in (0, 1, 55, 64, 100, 1000):
            data = bytes(size)
            assert IntegrityKey(password).digest(data) == hmac.digest(password.encode(), data, "sha1")

    def test_a_key_is_used_again(self) -> None:
        key = IntegrityKey("abc")
        assert key.digest(b"one") == key.digest(b"one") != key.digest(b"two")


class TestAnswers:
    """What we write, read by aioice."""

    @pytest.mark.parametrize("address", [("192.0.2.7", 1), ("10.1.2.3", 65535), ("2001:db8::1", 40000), ("::1", 9)])
    def test_success(self, address: tuple[str, int]) -> None:
        data = stun.binding_success(TRANSACTION, address, KEY)
        assert data is not None
        message = aioice_stun.parse_message(data)
        assert message.message_class is aioice_stun.Class.RESPONSE
        assert message.transaction_id == TRANSACTION
        assert message.check_message_integrity(PASSWORD.encode())
        assert message.attributes["XOR-MAPPED-ADDRESS"] == address
        assert "FINGERPRINT" in message.attributes

    def test_success_is_what_serialize_writes(self) -> None:
        mapped = stun.xor_mapped_address(("192.0.2.1", 32853), TRANSACTION)[4:]
        written = stun.serialize(MessageType.BINDING_SUCCESS, TRANSACTION, ((Attribute.XOR_MAPPED_ADDRESS, mapped),), KEY)
        assert stun.binding_success(TRANSACTION, ("192.0.2.1", 32853), KEY) == written

    def test_ipv4_in_ipv6_counts_as_ipv4(self) -> None:
        assert stun.xor_mapped_address(("::ffff:192.0.2.1", 80), TRANSACTION) == stun.xor_mapped_address(
            ("192.0.2.1", 80), TRANSACTION
        )

    def test_scope_of_a_link_local_address_is_left_out(self) -> None:
        assert stun.xor_mapped_address(("fe80::1%eth0", 80), TRANSACTION) == stun.xor_mapped_address(("fe80::1", 80), TRANSACTION)

    @pytest.mark.parametrize("host", ["localhost", "", "1.2.3.4.5", "::zz"])
    def test_no_address(self, host: str) -> None:
        with pytest.raises(WireError):
            stun.xor_mapped_address((host, 1), TRANSACTION)

    @pytest.mark.parametrize("address", [("192.0.2.7", 1), ("2001:db8::1", 40000)])
    def test_never_larger_than_allowed(self, address: tuple[str, int]) -> None:
        full = stun.binding_success(TRANSACTION, address, KEY)
        assert full is not None
        for limit in range(len(full) + 1):
            data = stun.binding_success(TRANSACTION, address, KEY, limit)
            if limit < len(full) - 8:
                assert data is None
            else:
                assert data is not None
                assert len(data) <= limit
                assert aioice_stun.parse_message(data).check_message_integrity(PASSWORD.encode())

    @pytest.mark.parametrize(("code", "unknown"), [(487, ()), (420, (0x7777, 0x0001)), (400, ())])
    def test_errors(self, code: int, unknown: tuple[int, ...]) -> None:
        data = stun.binding_error(TRANSACTION, code, KEY, unknown=unknown)
        assert data is not None
        message = aioice_stun.parse_message(data)
        assert message.message_class is aioice_stun.Class.ERROR
        assert message.error_code == code
        assert message.check_message_integrity(PASSWORD.encode())
        value = stun.parse(data).value(Attribute.UNKNOWN_ATTRIBUTES)
        assert value == (b"".join(struct.pack("!H", kind) for kind in unknown) if unknown else None)

    def test_error_that_would_amplify_is_withheld(self) -> None:
        assert stun.binding_error(TRANSACTION, 420, KEY, 40, (0x7777,)) is None


def _request(*attributes: tuple[int, bytes], key: IntegrityKey | None = KEY, fingerprint: bool = True) -> bytes:
    return stun.serialize(MessageType.BINDING_REQUEST, TRANSACTION, attributes, key, fingerprint=fingerprint)


USER = (int(Attribute.USERNAME), b"abcd:efgh")


class TestReadRequest:
    """The node's path."""

    def test_ffmpeg_needs_neither_priority_nor_role(self) -> None:
        data = _request(USER, (Attribute.USE_CANDIDATE, b""))
        request = stun.read_request(data)
        assert request.use_candidate
        assert not request.is_controlled
        assert stun.is_authentic(data, request.integrity_offset, KEY)

    def test_without_fingerprint(self) -> None:
        data = _request(USER, fingerprint=False)
        assert stun.is_authentic(data, stun.read_request(data).integrity_offset, KEY)

    def test_unknown_optional_attributes_are_ignored(self) -> None:
        assert stun.read_request(_request((0xC057, b"\x00\x01\x00\x32"), USER, (0x8099, b"?"))).unknown == ()

    def test_unknown_required_attributes_are_listed_once(self) -> None:
        assert stun.read_request(_request(USER, (0x7777, b"x"), (0x0001, b""), (0x7777, b""))).unknown == (0x7777, 0x0001)

    def test_the_first_of_two_user_names_counts(self) -> None:
        assert stun.read_request(_request(USER, (Attribute.USERNAME, b"evil:evil"))).username == "abcd:efgh"

    def test_attributes_behind_the_integrity_do_not_count(self) -> None:
        body = _request(USER, fingerprint=False)
        smuggled = body + struct.pack("!HH", Attribute.USE_CANDIDATE, 0) + struct.pack("!HH4s", 0x7777, 4, b"evil")
        data = smuggled[:2] + struct.pack("!H", len(smuggled) - 20) + smuggled[4:]
        request = stun.read_request(data)
        assert not request.use_candidate
        assert request.unknown == ()
        assert stun.is_authentic(data, request.integrity_offset, KEY)

    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(_request(USER, key=None), id="no integrity"),
            pytest.param(_request((Attribute.PRIORITY, bytes(4))), id="no user name"),
            pytest.param(_request((Attribute.USERNAME, b"\xff\xfe:abcd")), id="not ascii"),
            pytest.param(_request((Attribute.USERNAME, b"a" * 600)), id="endless user name"),
            pytest.param(_request(USER, (Attribute.FINGERPRINT, bytes(4))), id="fingerprint first"),
            pytest.param(_request(USER, (Attribute.MESSAGE_INTEGRITY, bytes(8)), key=None), id="short integrity"),
            pytest.param(_request(USER)[:-4] + bytes(4), id="wrong fingerprint"),
            pytest.param(_request(USER)[:-1], id="truncated"),
            pytest.param(_request(USER) + b"\0\0\0\0", id="trailing bytes"),
            pytest.param(stun.serialize(MessageType.BINDING_INDICATION, TRANSACTION, (USER,), KEY), id="indication"),
            pytest.param(RESPONSE_IPV4, id="response"),
            pytest.param(bytes(20), id="no cookie"),
            pytest.param(b"", id="empty"),
        ],
    )
    def test_refused(self, data: bytes) -> None:
        with pytest.raises(WireError):
            stun.read_request(data)

    def test_an_attribute_may_not_run_past_the_end(self) -> None:
        data = bytearray(_request(USER))
        struct.pack_into("!H", data, 22, 0xFFF0)
        with pytest.raises(WireError):
            stun.read_request(bytes(data))
        assert stun.stun_username_fragment(bytes(data)) is None

    def test_more_than_one_frame_is_not_read(self) -> None:
        with pytest.raises(WireError):
            stun.read_request(_request(USER, (0x8099, bytes(1500))))


@pytest.mark.parametrize("capture", [CHROMIUM, FIREFOX], ids=["chromium", "firefox"])
class TestBrowsers:
    """Captured checks, and their damaged twins."""

    def test_check(self, capture: Capture) -> None:
        assert stun.stun_username_fragment(capture.check) == capture.ufrag
        request = stun.read_request(capture.check)
        assert request.username.partition(":")[0] == capture.ufrag
        assert stun.is_authentic(capture.check, request.integrity_offset, IntegrityKey(capture.pwd))
        assert not request.is_controlled
        assert request.unknown == ()
        # Chromium nominates on its second check, Firefox on its first.
        assert request.use_candidate == (capture is FIREFOX)

    def test_the_answer_is_no_larger(self, capture: Capture) -> None:
        for address in (("192.0.2.1", 1), ("2001:db8::1", 1)):
            assert stun.binding_success(bytes(12), address, IntegrityKey(capture.pwd), len(capture.check)) is not None

    def test_truncated(self, capture: Capture) -> None:
        for size in range(len(capture.check)):
            with pytest.raises(WireError):
                stun.read_request(capture.check[:size])
            assert stun.stun_username_fragment(capture.check[:size]) is None

    def test_changed(self, capture: Capture) -> None:
        key = IntegrityKey(capture.pwd)
        for position in range(len(capture.check)):
            damaged = bytearray(capture.check)
            damaged[position] ^= 0x80
            try:
                request = stun.read_request(bytes(damaged))
            except WireError:
                continue
            assert position >= len(capture.check) - 8 or not stun.is_authentic(bytes(damaged), request.integrity_offset, key)


class TestRequestReader:
    """The same result as without it, whatever came before."""

    def test_a_second_check_is_read_from_memory(self) -> None:
        reader = stun.RequestReader()
        first = reader.read(_request(USER))
        other = stun.serialize(MessageType.BINDING_REQUEST, b"n" * 12, (USER,), KEY)
        assert reader.read(other) is first
        assert stun.is_authentic(other, first.integrity_offset, KEY)

    def test_a_changed_check_is_read_anew(self) -> None:
        reader = stun.RequestReader()
        assert not reader.read(_request(USER)).use_candidate
        assert reader.read(_request(USER, (Attribute.USE_CANDIDATE, b""))).use_candidate
        assert not reader.read(_request(USER)).use_candidate

    def test_equals_read_request_for_damaged_twins(self) -> None:
        """Whatever is damaged in front of the integrity's value: same verdict; behind it the HMAC decides."""
        reader = stun.RequestReader()
        good = _request(USER, (Attribute.USE_CANDIDATE, b""))
        expected = reader.read(good)
        for position in range(expected.integrity_offset + 4):
            damaged = bytearray(good)
            damaged[position] ^= 0x40
            result: list[Any] = []
            for read in (reader.read, stun.read_request):
                try:
                    result.append(read(bytes(damaged)))
                except WireError:
                    result.append(None)
            if not 8 <= position < 20:
                assert result[0] == result[1], position
            reader.read(good)
        with pytest.raises(WireError):
            reader.read(good[:-4])
        with pytest.raises(WireError):
            reader.read(good + b"\0\0\0\0")


class TestUsernameFragment:
    """Before any HMAC."""

    def test_found_in_aioice_request(self) -> None:
        message = aioice_stun.Message(aioice_stun.Method.BINDING, aioice_stun.Class.REQUEST)
        message.attributes["PRIORITY"] = 1
        message.attributes["USERNAME"] = "Zz0+/abc:remote"
        message.add_message_integrity(b"x")
        assert stun.stun_username_fragment(bytes(message)) == "Zz0+/abc"

    @pytest.mark.parametrize("username", [b"", b":", b":abcd", b"abcd", b"\xc3\xa9:abcd", b"a" * 600 + b":b"])
    def test_none_for_odd_names(self, username: bytes) -> None:
        assert stun.stun_username_fragment(_request((Attribute.USERNAME, username))) is None

    def test_none_when_only_behind_the_integrity(self) -> None:
        body = _request((Attribute.PRIORITY, bytes(4)), fingerprint=False)
        data = body + struct.pack("!HH12s", Attribute.USERNAME, 9, b"abcd:efgh")
        data = data[:2] + struct.pack("!H", len(data) - 20) + data[4:]
        assert stun.is_stun(data)
        assert stun.stun_username_fragment(data) is None

    def test_none_for_answers_and_noise(self) -> None:
        assert stun.stun_username_fragment(RESPONSE_IPV4) is None
        assert stun.stun_username_fragment(b"") is None
        assert stun.stun_username_fragment(b"\x00\x01" + bytes(18)) is None

    def test_agrees_with_the_reader(self) -> None:
        rng = random.Random(5769)
        for _ in range(300):
            name = bytes(rng.choice(b"abcXYZ09+/:") for _ in range(rng.randrange(1, 30)))
            data = _request((Attribute.PRIORITY, bytes(4)), (Attribute.USERNAME, name))
            fragment, colon, _ = name.decode().partition(":")
            assert stun.stun_username_fragment(data) == (fragment if colon and fragment else None)


class TestNoise:
    """One exception type, whatever the bytes."""

    @settings(max_examples=300, deadline=None)
    @given(st.binary(max_size=200))
    def test_any_bytes(self, body: bytes) -> None:
        body = body[: len(body) // 4 * 4]
        for data in (body, b"\x00\x01" + struct.pack("!HI", len(body), stun.MAGIC_COOKIE) + TRANSACTION + body):
            for read in (stun.read_request, stun.parse):
                try:
                    read(data)
                except WireError:
                    continue
            stun.stun_username_fragment(data)

    @settings(max_examples=300, deadline=None)
    @given(st.integers(0, len(REQUEST) - 1), st.integers(0, 255), st.integers(0, len(REQUEST)))
    def test_damaged_vectors(self, position: int, value: int, size: int) -> None:
        data = bytearray(REQUEST)
        data[position] = value
        for damaged in (bytes(data), bytes(data[:size])):
            try:
                request = stun.read_request(damaged)
            except WireError:
                continue
            if bytes(damaged) != REQUEST and position < request.integrity_offset + 24 and position not in {2, 3}:
                assert not stun.is_authentic(damaged, request.integrity_offset, KEY)

    @pytest.mark.parametrize("value", [b"", bytes(4), b"\0\x03" + bytes(6), b"\0\x02" + bytes(6), b"\0\x01" + bytes(18)])
    def test_malformed_mapped_address(self, value: bytes) -> None:
        with pytest.raises(WireError):
            stun.decode_xor_mapped_address(value, TRANSACTION)
