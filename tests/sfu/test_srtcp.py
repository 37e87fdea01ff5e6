"""SRTCP opened here: libsrtp seals, and judges beside it what is opened."""

from __future__ import annotations

import random

import pylibsrtp
import pytest

from sfu.srtcp import REPLAY_WINDOW, InboundSrtcp
from sfu.srtp import MAX_SSRCS, OutboundSrtcp, SrtpError, Suite, derive_session_keys
from tests.sfu.test_srtp import TestRfc7714 as Rfc7714
from tests.sfu.test_srtp import library, master

SUITES = tuple(Suite)


def compound(rng: random.Random, ssrc: int) -> bytes:
    """A receiver report of random size; what is in it matters to nobody here."""
    words = rng.randrange(1, 60)
    return bytes([0x80, 201]) + words.to_bytes(2, "big") + ssrc.to_bytes(4, "big") + rng.randbytes(4 * words - 4)


def opener(suite: Suite, seed: int = 1) -> InboundSrtcp:
    return InboundSrtcp(suite, derive_session_keys(suite, *master(suite, seed)))


def refusal(inbound: InboundSrtcp, data: bytes) -> str:
    with pytest.raises(SrtpError) as caught:
        inbound.unprotect_rtcp(data)
    return caught.value.refusal


def test_rfc_7714_17() -> None:
    """The protected packet of the RFC, session keys given."""
    assert InboundSrtcp(Suite.AES_128_GCM, Rfc7714.KEYS).unprotect_rtcp(Rfc7714.SRTCP) == Rfc7714.RTCP


@pytest.mark.parametrize("suite", SUITES)
class TestAgainstLibsrtp:
    def test_what_libsrtp_seals_is_opened(self, suite: Suite) -> None:
        rng = random.Random(3)
        sealer, inbound = library(suite, *master(suite), outbound=True), opener(suite)
        for _ in range(300):
            plain = compound(rng, rng.choice((1, 0x5501A0B2, 0xFFFFFFFF)))
            assert inbound.unprotect_rtcp(sealer.protect_rtcp(plain)) == plain
        assert inbound.ssrcs == {1, 0x5501A0B2, 0xFFFFFFFF}

    def test_a_disturbed_line(self, suite: Suite) -> None:
        """Reordered within the window, doubled, changed by a bit: both open the same and refuse the same."""
        rng = random.Random(4)
        sealer = library(suite, *master(suite), outbound=True)
        judge, inbound = library(suite, *master(suite), outbound=False), opener(suite)
        waiting: list[bytes] = []
        opened = refused = 0
        for _ in range(1500):
            if len(waiting) < 20:
                waiting.append(sealer.protect_rtcp(compound(rng, rng.randrange(3))))
            data = rng.choice(waiting)
            if rng.random() < 0.6:
                waiting.remove(data)
            if rng.random() < 0.2:
                changed = bytearray(data)
                changed[rng.randrange(8, len(data))] ^= 1 << rng.randrange(8)
                data = bytes(changed)
            try:
                expected = judge.unprotect_rtcp(data)
            except pylibsrtp.Error:
                assert refusal(inbound, data) in {"auth", "replay"}
                refused += 1
            else:
                assert inbound.unprotect_rtcp(data) == expected
                opened += 1
        assert opened > 500
        assert refused > 300


@pytest.mark.parametrize("suite", SUITES)
class TestRefusals:
    def test_a_packet_is_taken_once(self, suite: Suite) -> None:
        sealed, inbound = OutboundSrtcp(suite, *master(suite)).protect(compound(random.Random(1), 7)), opener(suite)
        inbound.unprotect_rtcp(sealed)
        assert refusal(inbound, sealed) == "replay"

    def test_the_window(self, suite: Suite) -> None:
        """Each of the last 64 may come late, once; what is older does not come in."""
        outbound, inbound = OutboundSrtcp(suite, *master(suite)), opener(suite)
        packets = [outbound.protect(compound(random.Random(n), 7)) for n in range(REPLAY_WINDOW + 1)]
        inbound.unprotect_rtcp(packets[-1])
        assert refusal(inbound, packets[0]) == "replay"
        for packet in reversed(packets[1:-1]):
            inbound.unprotect_rtcp(packet)
        assert {refusal(inbound, packet) for packet in packets} == {"replay"}

    def test_a_long_pause_empties_the_window(self, suite: Suite) -> None:
        outbound, inbound = OutboundSrtcp(suite, *master(suite)), opener(suite)
        old = outbound.protect(compound(random.Random(1), 7))
        inbound.unprotect_rtcp(outbound.protect(compound(random.Random(2), 7)))
        outbound.next_index = (1 << 31) - 2
        late = outbound.protect(compound(random.Random(3), 7))
        inbound.unprotect_rtcp(outbound.protect(compound(random.Random(4), 7)))
        inbound.unprotect_rtcp(late)
        assert refusal(inbound, old) == refusal(inbound, late) == "replay"

    def test_each_source_has_its_window(self, suite: Suite) -> None:
        one, other = OutboundSrtcp(suite, *master(suite)), OutboundSrtcp(suite, *master(suite))
        inbound = opener(suite)
        inbound.unprotect_rtcp(one.protect(compound(random.Random(1), 1)))
        inbound.unprotect_rtcp(other.protect(compound(random.Random(1), 2)))

    def test_a_failure_changes_nothing(self, suite: Suite) -> None:
        outbound, inbound = OutboundSrtcp(suite, *master(suite)), opener(suite)
        plain = compound(random.Random(1), 7)
        sealed = outbound.protect(plain)
        for at in range(len(sealed)):
            changed = sealed[:at] + bytes([sealed[at] ^ 0x10]) + sealed[at + 1 :]
            assert refusal(inbound, changed) == "auth"
        assert not inbound.ssrcs
        assert inbound.unprotect_rtcp(sealed) == plain

    def test_unencrypted_is_not_what_was_agreed_on(self, suite: Suite) -> None:
        sealed = bytearray(OutboundSrtcp(suite, *master(suite)).protect(compound(random.Random(1), 7)))
        sealed[-4 if suite is Suite.AES_128_GCM else -14] &= 0x7F
        assert refusal(opener(suite), bytes(sealed)) == "auth"

    def test_sizes(self, suite: Suite) -> None:
        inbound = opener(suite)
        least = 8 + 4 + suite.tag_bytes
        assert refusal(inbound, bytes(least - 1)) == "short"
        assert refusal(inbound, bytes(least)) == "auth"
        assert refusal(inbound, bytes(1501)) == "long"

    def test_sources_are_limited(self, suite: Suite) -> None:
        outbound, inbound = OutboundSrtcp(suite, *master(suite)), opener(suite)
        for ssrc in range(MAX_SSRCS):
            inbound.unprotect_rtcp(outbound.protect(compound(random.Random(1), ssrc)))
        assert refusal(inbound, outbound.protect(compound(random.Random(1), 99))) == "sources"
        inbound.unprotect_rtcp(outbound.protect(compound(random.Random(1), 3)))
