"""What is cut out of an offer, and what is not."""

from __future__ import annotations

import pytest

from sfu.wire.sdp import MAX_OFFER_BYTES, MAX_SSRCS
from sfu.wire.sdp_shape import cut, is_uniform
from tests.data.captures import offer as captured

FINGERPRINT = ":".join(["0F"] * 32)
OTHER = ":".join(["A7"] * 32)
VIEWERS = ["chromium-viewer-point", "chromium-viewer-center", "chromium-viewer-extensions", "firefox-viewer"]


def make(
    ufrag: str = "ufra",
    pwd: str = "p" * 22,
    fingerprint: str = FINGERPRINT,
    origin: str = "- 1 2 IN IP4 127.0.0.1",
    extra: tuple[str, ...] = (),
) -> str:
    lines = [
        "v=0",
        f"o={origin}",
        "s=-",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        f"a=ice-ufrag:{ufrag}",
        f"a=ice-pwd:{pwd}",
        f"a=fingerprint:sha-256 {fingerprint}",
        *extra,
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        f"a=ice-ufrag:{ufrag}",
        f"a=ice-pwd:{pwd}",
        f"a=fingerprint:sha-256 {fingerprint}",
    ]
    return "\r\n".join([*lines, ""])


def shape_of(offer: str) -> str:
    found = cut(offer)
    assert found is not None
    return found[0]


def test_own_parts_are_found_and_leave_nothing_behind() -> None:
    found = cut(make("abcd", "q" * 30, OTHER.lower()))
    assert found is not None
    shape, own = found
    assert (own.ufrag, own.pwd, own.fingerprint) == ("abcd", "q" * 30, OTHER)
    assert "abcd" not in shape
    assert "qqqq" not in shape
    assert "a7" not in shape.lower()
    assert is_uniform(shape)


def test_offers_of_two_browsers_have_one_shape() -> None:
    assert shape_of(make()) == shape_of(make("frag", "x" * 24, OTHER, "mozilla 99 0 IN IP4 0.0.0.0"))
    assert shape_of(make()) != shape_of(make(extra=("a=recvonly",)))


def test_a_value_that_looks_like_the_lines_name_is_cut_in_its_place() -> None:
    assert shape_of(make("frag", "a" * 22)) == shape_of(make())
    assert shape_of(make("ufrag", "ice+pwd/" * 3)) == shape_of(make())


def test_addresses_candidates_and_ports_are_read_over() -> None:
    here = ("c=IN IP4 192.0.2.1", "a=candidate:1 1 udp 2 192.0.2.1 50000 typ host", "a=rtcp:50000 IN IP4 192.0.2.1")
    there = ("c=IN IP4 0.0.0.0", *("a=candidate:1 1 udp 2 f00.local 9 typ host",) * 3)
    gathered = make(extra=here).replace("m=video 9 ", "m=video 60999 ")
    assert "192.0.2.1" not in shape_of(gathered)
    assert shape_of(gathered) == shape_of(make(extra=there))
    # 0 is not the number of a port: it turns the line off.
    assert "m=video 0 " in shape_of(make(extra=here).replace("m=video 9 ", "m=video 0 "))


def test_ssrcs_are_read_over_as_long_as_there_may_be_so_many() -> None:
    def with_ssrcs(*ssrcs: str) -> str:
        return make(extra=tuple(f"a=ssrc:{ssrc} cname:{{x}}" for ssrc in ssrcs))

    assert shape_of(with_ssrcs("1", "4289999999")) == shape_of(make())
    assert cut(with_ssrcs("4294967296")) is None
    assert cut(with_ssrcs(*map(str, range(MAX_SSRCS)))) is not None
    assert cut(with_ssrcs(*map(str, range(MAX_SSRCS + 1)))) is None


@pytest.mark.parametrize(
    ("attribute", "other"),
    [
        ("a=ice-ufrag:ufra", "a=ice-ufrag:ufra2"),
        ("a=ice-pwd:" + "p" * 22, "a=ice-pwd:" + "p" * 23),
        ("a=fingerprint:sha-256 " + FINGERPRINT, "a=fingerprint:sha-256 " + OTHER),
        ("a=fingerprint:sha-256 " + FINGERPRINT, "a=fingerprint:sha-1 " + FINGERPRINT),
    ],
)
def test_lines_that_differ_among_themselves_are_not_uniform(attribute: str, other: str) -> None:
    first, _, second = make().rpartition(attribute)
    assert first
    assert not is_uniform(shape_of(first + other + second))


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "nonsense",
        make("abc"),
        make(pwd="p" * 21),
        make(fingerprint=FINGERPRINT[:-3]),
        make().replace("sha-256", "sha-512"),
        make().replace("s=-", "s=\0"),
        make().replace("s=-", "s=Điểm"),
        make().replace("v=0", "v=1"),
        make(origin="x" * 257),
        make(origin="x\x01"),
        make() + "a=x\r\n" * (MAX_OFFER_BYTES // 5),
    ],
)
def test_what_is_out_of_the_ordinary_is_not_cut(offer: str) -> None:
    assert cut(offer) is None


@pytest.mark.parametrize("name", VIEWERS)
def test_captured_offers_are_cut(name: str) -> None:
    shape = shape_of(captured(name))
    assert is_uniform(shape)
    for word in ("candidate:", "cname", ".local"):
        assert word not in shape
