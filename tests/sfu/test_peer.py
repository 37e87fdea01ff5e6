"""A peer takes its keys once, and its legs with it."""

from sfu.dtls import Connected
from sfu.srtp import Suite
from sfu.viewer import FIRST_REPORT_S
from tests.sfu.world import World


def connected(suite: Suite) -> Connected:
    return Connected(suite, b"l" * 16, b"s" * suite.salt_bytes, b"r" * 16, b"t" * suite.salt_bytes)


def test_a_viewers_legs_open_with_its_keys() -> None:
    for suite in Suite:
        peer = World().watch("viewer-1").peer
        assert peer.viewer is not None
        assert peer.viewer.report_at == float("inf")
        peer.open(connected(suite), 10.0)
        assert peer.inbound is not None
        assert peer.outbound is not None
        assert peer.viewer.report_at == 10.0 + FIRST_REPORT_S
        sealers = [leg.make_sealer() for leg in peer.viewer.legs]
        assert all(sealer.suite is suite for sealer in sealers)
        assert [sealer.ssrc for sealer in sealers] == [leg.ssrc for leg in peer.viewer.legs]
        assert all((leg.seal_gcm is not None) == (suite is Suite.AES_128_GCM) for leg in peer.viewer.legs)


def test_a_publisher_has_no_legs_to_open() -> None:
    peer = World().publish("center").peer
    peer.open(connected(Suite.AES_128_GCM), 1.0)
    assert peer.viewer is None
    assert peer.inbound is not None


def test_a_restart_gives_new_credentials_and_answers_both() -> None:
    peer = World().watch("viewer-1").peer
    (before,) = peer.transport.ufrags
    local = peer.restart("newufrag", "n" * 24, 1.0)
    assert local.ufrag != before
    assert set(peer.transport.ufrags) == {before, local.ufrag}
