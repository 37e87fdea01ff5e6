"""SRTCP against the service's own, which libsrtp's vectors hold to the RFCs."""

import pytest

from rehearsal.control import GCM, ControlCipher, ControlError
from sfu.srtp import InboundSrtp, OutboundSrtcp, Suite
from tests.rehearsal.media import SHA1_80, key_pair

REPORT = b"\x80\xc9\x00\x01\x12\x34\x56\x78"
LONGER = b"\x81\xc9\x00\x07\x12\x34\x56\x78" + bytes(range(24))


@pytest.mark.parametrize("profile", [GCM, SHA1_80])
def test_each_opens_what_the_other_sealed(profile: str) -> None:
    ours, theirs = key_pair(profile)
    suite = Suite(profile)
    cipher = ControlCipher(ours)
    inbound = InboundSrtp(suite, ours.local_key, ours.local_salt)
    for report in (REPORT, LONGER, LONGER):
        assert inbound.unprotect_rtcp(cipher.seal(report)) == report
    outbound = OutboundSrtcp(suite, theirs.local_key, theirs.local_salt)
    for report in (LONGER, LONGER):
        assert cipher.open(outbound.protect(report)) == report


@pytest.mark.parametrize("profile", [GCM, SHA1_80])
def test_a_changed_packet_does_not_open(profile: str) -> None:
    ours, theirs = key_pair(profile)
    sealed = OutboundSrtcp(Suite(profile), theirs.local_key, theirs.local_salt).protect(LONGER)
    for place in range(len(sealed)):
        with pytest.raises(ControlError):
            ControlCipher(ours).open(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])
    with pytest.raises(ControlError):
        ControlCipher(ours).open(sealed[:12])
