"""SRTP against RFC 3711 B.3, RFC 7714 §16 and §17, and libsrtp as the independent judge of every byte."""

from __future__ import annotations

import random
import struct

import pylibsrtp
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sfu.srtp import (
    MAX_PACKET_BYTES,
    MAX_SRTCP_INDEX,
    InboundSrtp,
    OutboundSrtcp,
    Refusal,
    RtpSealer,
    SessionKeys,
    SrtpError,
    Suite,
    derive_session_keys,
)

SUITES = tuple(Suite)
SSRC = 0x5501A0B2


def master(suite: Suite, seed: int = 1) -> tuple[bytes, bytes]:
    rng = random.Random(seed)
    return rng.randbytes(suite.key_bytes), rng.randbytes(suite.salt_bytes)


def library(suite: Suite, key: bytes, salt: bytes, *, outbound: bool) -> pylibsrtp.Session:
    policy = pylibsrtp.Policy
    kind = policy.SSRC_ANY_OUTBOUND if outbound else policy.SSRC_ANY_INBOUND
    made = policy(key=key + salt, ssrc_type=kind, srtp_profile=suite.profile)
    made.allow_repeat_tx = True
    return pylibsrtp.Session(made)


def rtp_header(sequence: int, ssrc: int = SSRC, *, csrcs: int = 0, extension_words: int | None = None) -> bytes:
    first = 0x80 | csrcs | (0x10 if extension_words is not None else 0)
    header = struct.pack("!BBHII", first, 96, sequence & 0xFFFF, 12345, ssrc) + bytes(4 * csrcs)
    if extension_words is not None:
        header += struct.pack("!HH", 0xBEDE, extension_words) + bytes(4 * extension_words)
    return header


class TestKeyDerivation:
    """RFC 3711 §4.3 and RFC 7714 §11."""

    def test_rfc_3711_b3(self) -> None:
        keys = derive_session_keys(
            Suite.AES_128_CM_SHA1_80,
            bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139"),
            bytes.fromhex("0EC675AD498AFEEBB6960B3AABE6"),
        )
        assert keys.rtp_key.hex().upper() == "C61E7A93744F39EE10734AFE3FF7A087"
        assert keys.rtp_salt.hex().upper() == "30CBBC08863D8C85D49DB34A9AE1"
        # The vector is 94 bytes long; HMAC-SHA1 takes its first 20.
        assert keys.rtp_auth.hex().upper() == "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"

    @pytest.mark.parametrize("suite", SUITES)
    def test_lengths_and_differences(self, suite: Suite) -> None:
        keys = derive_session_keys(suite, *master(suite))
        assert len(keys.rtp_key) == len(keys.rtcp_key) == 16
        assert len(keys.rtp_salt) == len(keys.rtcp_salt) == suite.salt_bytes
        assert len(keys.rtp_auth) == len(keys.rtcp_auth) == (20 if suite is Suite.AES_128_CM_SHA1_80 else 0)
        parts = [part for part in (keys.rtp_key, keys.rtp_salt, keys.rtp_auth, keys.rtcp_key, keys.rtcp_salt) if part]
        assert len(set(parts)) == len(parts)

    @pytest.mark.parametrize("suite", SUITES)
    def test_wrong_lengths(self, suite: Suite) -> None:
        key, salt = master(suite)
        with pytest.raises(ValueError, match="wrong length"):
            derive_session_keys(suite, key + b"x", salt)
        with pytest.raises(ValueError, match="wrong length"):
            derive_session_keys(suite, key, salt[:-1])

    def test_keys_are_not_shown(self) -> None:
        keys = derive_session_keys(Suite.AES_128_GCM, *master(Suite.AES_128_GCM))
        assert repr(keys) == "SessionKeys(…)"


class TestRfc7714:
    """Session key and salt are given; the packets are those of §16 and §17."""

    KEY = bytes(range(16))
    SALT = b"Quid pro quo"
    HEADER = bytes.fromhex("8040f17b8041f8d35501a0b2")
    PAYLOAD = b"Gallia est omnis divisa in partes tres"
    SEALED = bytes.fromhex(
        "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce"
    )
    RTCP = bytes.fromhex("81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61" + "deadbeef" * 5)
    SRTCP = bytes.fromhex(
        "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda"
        "4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4"
    )
    KEYS = SessionKeys(KEY, SALT, b"", KEY, SALT, b"")

    def test_srtp(self) -> None:
        sealer = RtpSealer(Suite.AES_128_GCM, self.KEYS, SSRC)
        assert (sealer.iv_base ^ 0xF17B).to_bytes(12, "big").hex() == "51753c6580c2726f20718414"
        assert sealer.seal(self.HEADER, self.PAYLOAD, 0xF17B) == self.SEALED

    def test_srtp_inlined(self) -> None:
        sealer = RtpSealer(Suite.AES_128_GCM, self.KEYS, SSRC)
        assert sealer.aead is not None
        assert sealer.aead.encrypt((sealer.iv_base ^ 0xF17B).to_bytes(12, "big"), self.PAYLOAD, self.HEADER) == self.SEALED

    def test_streams_share_the_cipher_and_not_the_iv(self) -> None:
        one, other = (RtpSealer(Suite.AES_128_GCM, self.KEYS, ssrc) for ssrc in (SSRC, SSRC + 1))
        assert one.aead is other.aead
        assert one.seal(self.HEADER, self.PAYLOAD, 0xF17B) != other.seal(self.HEADER, self.PAYLOAD, 0xF17B)

    def test_srtcp(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sfu.srtp.derive_session_keys", lambda *_: self.KEYS)
        outbound = OutboundSrtcp(Suite.AES_128_GCM, self.KEY, self.SALT)
        outbound.next_index = 0x5D4
        assert outbound.protect(self.RTCP) == self.SRTCP


@pytest.mark.parametrize("suite", SUITES)
class TestRtpSealer:
    """Byte for byte what libsrtp writes."""

    def test_across_the_sequence_wrap(self, suite: Suite) -> None:
        key, salt = master(suite)
        sealer = RtpSealer(suite, derive_session_keys(suite, key, salt), SSRC)
        judge = library(suite, key, salt, outbound=True)
        rng = random.Random(3711)
        index = 30_000
        rollovers = set()
        while index < 3 << 16:
            header = rtp_header(index, csrcs=rng.choice((0, 0, 3)), extension_words=rng.choice((None, 0, 1, 4)))
            payload = rng.randbytes(rng.choice((0, 1, 15, 16, 17, 100, 1100, 1180)))
            assert header + sealer.seal(header, payload, index) == judge.protect(header + payload)
            assert sealer.tag_bytes == suite.tag_bytes
            rollovers.add(index >> 16)
            index += rng.choice((1, 1, 2, 97, 500))
        assert rollovers == {0, 1, 2}

    def test_many_in_a_row(self, suite: Suite) -> None:
        key, salt = master(suite, 2)
        sealer = RtpSealer(suite, derive_session_keys(suite, key, salt), 0xFFFFFFFF)
        judge = library(suite, key, salt, outbound=True)
        payload = bytes(range(200))
        for index in range(65_000, 67_000):
            header = rtp_header(index, 0xFFFFFFFF)
            assert header + sealer.seal(header, payload, index) == judge.protect(header + payload)

    def test_the_same_index_again_gives_the_same_bytes(self, suite: Suite) -> None:
        sealer = RtpSealer(suite, derive_session_keys(suite, *master(suite)), SSRC)
        header = rtp_header(7)
        first = sealer.seal(header, b"payload", 0x1_0007)
        assert sealer.seal(rtp_header(8), b"between", 0x1_0008) != first
        assert sealer.seal(header, b"payload", 0x1_0007) == first
        assert len(first) == 7 + suite.tag_bytes

    def test_opened_by_libsrtp_with_retransmissions(self, suite: Suite) -> None:
        """A receiver that lost packets and gets them late, out of order, across the wrap."""
        key, salt = master(suite, 3)
        sealer = RtpSealer(suite, derive_session_keys(suite, key, salt), SSRC)
        inbound = InboundSrtp(suite, key, salt)
        rng = random.Random(4)
        late: list[tuple[bytes, bytes]] = []
        for index in range(65_400, 65_700):
            header, payload = rtp_header(index), struct.pack("!I", index) * 50
            packet = header + sealer.seal(header, payload, index)
            if rng.random() < 0.2 and index > 65_400:
                late.append((packet, header + payload))
            else:
                assert inbound.unprotect_rtp(packet) == header + payload
        assert len(late) > 20
        for packet, plain in late:
            assert inbound.unprotect_rtp(packet) == plain
        assert not any(inbound.refused.values())


@pytest.mark.parametrize("suite", SUITES)
class TestOutboundSrtcp:
    """Against libsrtp."""

    RR = struct.pack("!BBHI", 0x80, 201, 1, SSRC)
    PLI = struct.pack("!BBHII", 0x81, 206, 2, SSRC, 0xCAFE)

    def test_byte_equal(self, suite: Suite) -> None:
        key, salt = master(suite)
        outbound, judge = OutboundSrtcp(suite, key, salt), library(suite, key, salt, outbound=True)
        # libsrtp begins with index 1, RFC 3711 §3.4 with 0: the first packet of ours has no counterpart.
        outbound.protect(self.RR)
        for number in range(500):
            packet = self.RR if number % 3 else self.RR + self.PLI
            assert outbound.protect(packet) == judge.protect_rtcp(packet)

    def test_opened_by_libsrtp_from_the_first(self, suite: Suite) -> None:
        key, salt = master(suite)
        outbound, judge = OutboundSrtcp(suite, key, salt), library(suite, key, salt, outbound=False)
        for ssrc in (SSRC, 1, 0xFFFFFFFF, SSRC):
            packet = struct.pack("!BBHI", 0x80, 201, 1, ssrc) + self.PLI
            sealed = outbound.protect(packet)
            assert len(sealed) - len(packet) == suite.tag_bytes + 4
            assert judge.unprotect_rtcp(sealed) == packet

    def test_a_packet_of_a_header_alone(self, suite: Suite) -> None:
        key, salt = master(suite)
        assert (
            library(suite, key, salt, outbound=False).unprotect_rtcp(OutboundSrtcp(suite, key, salt).protect(self.RR)) == self.RR
        )

    def test_limits(self, suite: Suite) -> None:
        outbound = OutboundSrtcp(suite, *master(suite))
        with pytest.raises(SrtpError, match="short"):
            outbound.protect(self.RR[:7])
        longest = self.RR + bytes(MAX_PACKET_BYTES - 20 - len(self.RR))
        assert len(outbound.protect(longest)) <= MAX_PACKET_BYTES
        with pytest.raises(SrtpError, match="long"):
            outbound.protect(longest + b"\0")
        assert outbound.next_index == 1
        outbound.next_index = MAX_SRTCP_INDEX
        outbound.protect(self.RR)
        with pytest.raises(SrtpError, match="exhausted"):
            outbound.protect(self.RR)


def refused(inbound: InboundSrtp, data: bytes, why: Refusal, *, rtcp: bool = False) -> None:
    """The packet is refused for this reason, and counted once under it."""
    before = dict(inbound.refused)
    with pytest.raises(SrtpError) as caught:
        (inbound.unprotect_rtcp if rtcp else inbound.unprotect_rtp)(data)
    assert caught.value.refusal == why
    before[why] += 1
    assert inbound.refused == before


@pytest.mark.parametrize("suite", SUITES)
class TestInboundSrtp:
    """What is opened and what is refused."""

    def make(self, suite: Suite, max_ssrcs: int = 16) -> tuple[InboundSrtp, pylibsrtp.Session]:
        key, salt = master(suite, 9)
        return InboundSrtp(suite, key, salt, max_ssrcs), library(suite, key, salt, outbound=True)

    def test_rtp_and_rtcp(self, suite: Suite) -> None:
        inbound, sender = self.make(suite)
        for sequence in (65_534, 65_535, 0, 1):
            packet = rtp_header(sequence) + b"payload"
            assert inbound.unprotect_rtp(sender.protect(packet)) == packet
        report = struct.pack("!BBHI5I", 0x80, 200, 6, SSRC, *range(5))
        assert inbound.unprotect_rtcp(sender.protect_rtcp(report)) == report
        assert inbound.ssrcs == {SSRC}

    def test_replay_is_told_from_forgery(self, suite: Suite) -> None:
        inbound, sender = self.make(suite)
        old = sender.protect(rtp_header(1) + b"x")
        packet = sender.protect(rtp_header(2) + b"x")
        inbound.unprotect_rtp(packet)
        refused(inbound, packet, "replay")
        refused(inbound, packet[:-1] + bytes((packet[-1] ^ 1,)), "replay")
        forged = sender.protect(rtp_header(3) + b"x")
        refused(inbound, forged[:-1] + bytes((forged[-1] ^ 1,)), "auth")
        report = sender.protect_rtcp(TestOutboundSrtcp.RR)
        inbound.unprotect_rtcp(report)
        refused(inbound, report, "replay", rtcp=True)
        # Nothing of it changed the session.
        assert inbound.unprotect_rtp(forged) == rtp_header(3) + b"x"
        assert inbound.unprotect_rtp(old) == rtp_header(1) + b"x"

    def test_older_than_the_window(self, suite: Suite) -> None:
        inbound, sender = self.make(suite)
        first = sender.protect(rtp_header(100) + b"x")
        inbound.unprotect_rtp(sender.protect(rtp_header(3000) + b"x"))
        refused(inbound, first, "replay")

    def test_other_keys(self, suite: Suite) -> None:
        inbound, _ = self.make(suite)
        stranger = library(suite, *master(suite, 10), outbound=True)
        refused(inbound, stranger.protect(rtp_header(1) + b"x" * 100), "auth")
        refused(inbound, stranger.protect_rtcp(TestOutboundSrtcp.RR), "auth", rtcp=True)
        assert inbound.ssrcs == set()

    def test_ssrcs_are_capped(self, suite: Suite) -> None:
        inbound, sender = self.make(suite, 16)
        for ssrc in range(1, 17):
            inbound.unprotect_rtp(sender.protect(rtp_header(1, ssrc) + b"x"))
        refused(inbound, sender.protect(rtp_header(1, 17) + b"x"), "sources")
        refused(inbound, sender.protect_rtcp(struct.pack("!BBHI", 0x80, 201, 1, 17)), "sources", rtcp=True)
        assert inbound.unprotect_rtp(sender.protect(rtp_header(2, 16) + b"x"))
        assert len(inbound.ssrcs) == 16

    def test_forged_ssrcs_do_not_use_up_the_cap(self, suite: Suite) -> None:
        inbound, sender = self.make(suite, 2)
        for ssrc in range(100, 200):
            refused(inbound, rtp_header(1, ssrc) + bytes(60), "auth")
        assert inbound.unprotect_rtp(sender.protect(rtp_header(1, 5) + b"x"))
        assert inbound.ssrcs == {5}

    def test_sizes(self, suite: Suite) -> None:
        """Up to 1,500 bytes are opened; libsrtp's binding protects no more than 1,356, so our sealer makes the large ones."""
        inbound, _ = self.make(suite)
        sealer = RtpSealer(suite, derive_session_keys(suite, *master(suite, 9)), SSRC)
        for index, size in enumerate((1356, 1357, 1400, MAX_PACKET_BYTES)):
            header = rtp_header(index)
            payload = bytes(size - len(header) - suite.tag_bytes)
            packet = header + sealer.seal(header, payload, index)
            assert len(packet) == size
            assert inbound.unprotect_rtp(packet) == header + payload
        refused(inbound, bytes((0x80, 96)) + bytes(MAX_PACKET_BYTES - 1), "long")
        refused(inbound, bytes((0x80, 201)) + bytes(MAX_PACKET_BYTES - 1), "long", rtcp=True)
        refused(inbound, bytes((0x80, 96)) + bytes(65_000), "long")

    def test_short(self, suite: Suite) -> None:
        inbound, _ = self.make(suite)
        for size in range(12 + suite.tag_bytes):
            refused(inbound, b"\x80" * size, "short")
        for size in range(8 + 4 + suite.tag_bytes):
            refused(inbound, b"\x80" * size, "short", rtcp=True)

    def test_malformed_headers(self, suite: Suite) -> None:
        """CSRC counts and extensions that run past the end, other versions."""
        inbound, _ = self.make(suite)
        body = bytes(range(40))
        refused(inbound, bytes((0x8F,)) + rtp_header(1)[1:] + body, "auth")
        refused(inbound, bytes((0x90,)) + rtp_header(1)[1:] + b"\xbe\xde\xff\xff" + body, "auth")
        refused(inbound, bytes((0x00,)) + rtp_header(1)[1:] + body, "auth")
        rng = random.Random(7)
        for _ in range(3000):
            data = bytes((rng.randrange(256), rng.randrange(256))) + rng.randbytes(rng.randrange(0, 120))
            for open_packet in (inbound.unprotect_rtp, inbound.unprotect_rtcp):
                with pytest.raises(SrtpError):
                    open_packet(data)

    def test_every_damaged_byte_is_noticed(self, suite: Suite) -> None:
        inbound, sender = self.make(suite)
        packet = sender.protect(rtp_header(5, extension_words=1) + b"payload")
        for position in range(len(packet)):
            damaged = packet[:position] + bytes((packet[position] ^ 0x10,)) + packet[position + 1 :]
            with pytest.raises(SrtpError):
                inbound.unprotect_rtp(damaged)
        assert inbound.unprotect_rtp(packet)


def test_iv_never_repeats_within_a_key() -> None:
    """RFC 7714 §8.1: SSRC, ROC and SEQ each have their place."""
    keys = derive_session_keys(Suite.AES_128_GCM, *master(Suite.AES_128_GCM))
    seen = set()
    for ssrc in (0, 1, 0xFFFFFFFF):
        base = RtpSealer(Suite.AES_128_GCM, keys, ssrc).iv_base
        for index in (0, 1, 0xFFFF, 0x10000, (1 << 48) - 1):
            seen.add((base ^ index).to_bytes(12, "big"))
    assert len(seen) == 15


def test_aead_is_keyed_once() -> None:
    sealer = RtpSealer(Suite.AES_128_GCM, derive_session_keys(Suite.AES_128_GCM, *master(Suite.AES_128_GCM)), SSRC)
    assert isinstance(sealer.aead, AESGCM)
    before = sealer.aead
    sealer.seal(rtp_header(1), b"x", 1)
    assert sealer.aead is before
    assert (
        RtpSealer(
            Suite.AES_128_CM_SHA1_80, derive_session_keys(Suite.AES_128_CM_SHA1_80, *master(Suite.AES_128_CM_SHA1_80)), SSRC
        ).aead
        is None
    )
