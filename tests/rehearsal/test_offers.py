"""Offers that the service takes, and what is read of its answers."""

import itertools

import pytest

from rehearsal.offers import CONSOLE_SLOTS, POINT_SLOTS, AnswerError, Sending, publisher_offer, read_answer, viewer_offer
from sfu.negotiation import Terms, negotiate_publisher, negotiate_viewer
from sfu.wire.sdp import parse_offer

FINGERPRINT = ":".join(["AB"] * 32)
VIEWER = viewer_offer("clnt", "p" * 24, FINGERPRINT, 1, POINT_SLOTS)


def terms() -> Terms:
    numbers = itertools.count(1000)
    return Terms(
        ufrag="srvr",
        pwd="q" * 24,
        fingerprint_sha256=FINGERPRINT,
        candidates=(("127.0.0.1", 10_000), ("192.0.2.7", 10_000)),
        cname="c",
        new_ssrc=lambda: next(numbers),
        publisher_max_bps=1_000_000,
    )


@pytest.mark.parametrize("slots", [POINT_SLOTS, CONSOLE_SLOTS])
def test_each_line_of_a_viewer_gets_its_slot(slots: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    offer = viewer_offer("clnt", "p" * 24, FINGERPRINT, 7, slots)
    agreed = negotiate_viewer(parse_offer(offer), terms(), *slots)
    assert agreed.dtls_role == "server"
    assert [line.slot for line in agreed.lines] == [*slots[0], *slots[1]]
    assert {payload for line in agreed.lines for payload in line.payload_types.items()} == {
        ("VP8", 96),
        ("H264", 108),
        ("opus", 111),
    }
    answer = read_answer(agreed.sdp)
    assert (answer.ufrag, answer.pwd, answer.fingerprint) == ("srvr", "q" * 24, FINGERPRINT)
    assert (answer.host, answer.port) == ("127.0.0.1", 10_000)
    assert answer.ssrcs == {place: line.ssrc for place, line in enumerate(agreed.lines)}


def test_a_publisher_names_what_it_sends() -> None:
    offer = publisher_offer("clnt", "p" * 24, FINGERPRINT, 7, Sending(11, 22, "who"))
    agreed = negotiate_publisher(parse_offer(offer), terms())
    assert {line.kind: line.ssrcs for line in agreed.lines} == {"video": (11,), "audio": (22,)}
    assert {line.kind: line.codec for line in agreed.lines} == {"video": "VP8", "audio": "opus"}
    assert read_answer(agreed.sdp).ssrcs == {}


@pytest.mark.parametrize(
    ("taken", "given", "reason"),
    [
        ("a=ice-pwd:", "a=nothing:", "ice-pwd"),
        ("a=candidate:", "a=nothing:", "UDP candidate"),
        ("a=setup:passive", "a=setup:active", "clients"),
        ("sha-256", "sha-1", "sha-1"),
    ],
)
def test_answers_that_cannot_be_used(taken: str, given: str, reason: str) -> None:
    sdp = negotiate_viewer(parse_offer(VIEWER), terms(), *POINT_SLOTS).sdp
    with pytest.raises(AnswerError, match=reason):
        read_answer(sdp.replace(taken, given))


def test_the_first_ipv4_candidate_is_taken() -> None:
    sdp = negotiate_viewer(parse_offer(VIEWER), terms(), *POINT_SLOTS).sdp.replace("127.0.0.1 10000", "fd00::1 10000")
    assert read_answer(sdp).host == "192.0.2.7"
    with pytest.raises(AnswerError, match="IPv4"):
        read_answer(sdp.replace("192.0.2.7", "fd00::2"))


def test_offers_are_as_long_as_a_browsers() -> None:
    """What reading an offer costs the service goes by its length; the pages' own offers have two picture codecs, without RTX."""
    assert 4000 < len(VIEWER) < 8000
