"""Which records reach OpenSSL, and how its output becomes datagrams."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.wire.dtls_record import (
    DTLS_1_0,
    FROM_CLIENT,
    FROM_SERVER,
    MAX_DATAGRAM_BYTES,
    admit,
    begins_hello,
    pack_records,
)
from tests.harness.browser_bytes import CHROMIUM, FIREFOX
from tests.harness.dtls_client import fatal_alert, handshake_fragment, null_cipher_hello, record, split_records


class TestAdmit:
    """Which records reach OpenSSL."""

    def test_only_the_bad_record_of_a_datagram_goes(self) -> None:
        good = record(20, b"\x01")
        admitted = admit(good + fatal_alert(20) + good + b"\x16\xfe", FROM_CLIENT, 0, accept_plaintext=True)
        assert admitted.records == (record(20, b"\x01"), record(20, b"\x01", sequence=1))
        assert admitted.dropped == 2
        assert admitted.alert == 20

    def test_after_completion_only_authenticated_records_pass(self) -> None:
        plain, sealed = record(22, handshake_fragment(1, bytes(40))), record(21, bytes(30), epoch=1)
        assert admit(plain + sealed, FROM_CLIENT, 0, accept_plaintext=False).records == (sealed,)

    def test_plaintext_records_are_numbered_anew(self) -> None:
        """The number of a forged record has no say in which honest ones are replays; authenticated numbers stay."""
        data = record(20, b"\x01", sequence=(1 << 48) - 1) + record(22, bytes(30), epoch=1, sequence=77)
        admitted = admit(data, FROM_CLIENT, 5, accept_plaintext=True)
        assert admitted.records == (record(20, b"\x01", sequence=5), record(22, bytes(30), epoch=1, sequence=77))

    def test_sizes(self) -> None:
        data = record(22, bytes(1500 - 13), epoch=1)
        assert admit(data, FROM_CLIENT, 0, accept_plaintext=True).records == (data,)
        assert admit(data + b"x", FROM_CLIENT, 0, accept_plaintext=True).records == ()
        assert admit(b"", FROM_CLIENT, 0, accept_plaintext=True).dropped == 0

    @pytest.mark.parametrize(
        "fragment",
        [
            b"",
            handshake_fragment(1, b"xxxx")[:-1],
            handshake_fragment(1, b"xxxx") + b"\x01",
            handshake_fragment(1, b"xxxx", length=3),
            handshake_fragment(1, b"xxxx", length=8, offset=5),
            handshake_fragment(1, b"", length=8),
            handshake_fragment(1, b"xxxx", length=32_769),
            handshake_fragment(0, b""),
            handshake_fragment(14, b""),
        ],
    )
    def test_fragments_that_do_not_agree(self, fragment: bytes) -> None:
        assert admit(record(22, fragment), FROM_CLIENT, 0, accept_plaintext=True).records == ()

    def test_two_messages_in_a_record(self) -> None:
        data = record(22, handshake_fragment(11, b"abc") + handshake_fragment(16, b"defg", sequence=1))
        assert admit(data, FROM_CLIENT, 0, accept_plaintext=True).records == (data,)


class TestPackRecords:
    """A memory BIO merges datagrams."""

    def test_whole_records_in_order_within_the_limit(self) -> None:
        rng = random.Random(1200)
        for _ in range(200):
            records = [record(22, rng.randbytes(rng.randrange(1188)), sequence=i) for i in range(rng.randrange(1, 12))]
            datagrams = pack_records(b"".join(records))
            assert b"".join(datagrams) == b"".join(records)
            assert all(len(data) <= MAX_DATAGRAM_BYTES for data in datagrams)
            starts = {sum(map(len, records[:i])) for i in range(len(records))}
            offset = 0
            for data in datagrams:
                assert offset in starts
                offset += len(data)
            # No two neighbours would have fitted into one.
            assert all(len(a) + 13 + int.from_bytes(b[11:13], "big") > MAX_DATAGRAM_BYTES for a, b in pairwise(datagrams))

    def test_nothing(self) -> None:
        assert pack_records(b"") == []


class TestBeginsHello:
    """What makes an SSL object."""

    def test_hellos_do(self) -> None:
        for data in (*CHROMIUM.hello, *FIREFOX.hello, null_cipher_hello()):
            assert begins_hello(data)

    @pytest.mark.parametrize(
        "data", [b"", record(22, b""), record(22, handshake_fragment(2, b"x")), record(20, b"\x01"), fatal_alert(), b"\x16" * 13]
    )
    def test_nothing_else_does(self, data: bytes) -> None:
        assert not begins_hello(data)


class TestNoise:
    """No bytes make it raise; what is kept is made of whole records."""

    @settings(max_examples=300, deadline=None)
    @given(st.binary(max_size=400), st.booleans())
    def test_any_bytes(self, data: bytes, accept_plaintext: bool) -> None:
        for message_types in (FROM_CLIENT, FROM_SERVER):
            for datagram in (data, record(22, data), record(22, data[:40], version=DTLS_1_0) + record(23, data, epoch=2)):
                for one in admit(datagram, message_types, 3, accept_plaintext=accept_plaintext).records:
                    assert split_records(one) == [one]

    @settings(max_examples=200, deadline=None)
    @given(st.binary(max_size=200))
    def test_packing_loses_nothing(self, data: bytes) -> None:
        assert b"".join(pack_records(data)) == data
