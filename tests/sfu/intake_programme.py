"""All that may arrive at the intake in C, for a sanitizer to watch: ``python -m tests.sfu.intake_programme SEED COUNT``."""

from __future__ import annotations

import contextlib
import random
import socket
import sys

from sfu._native.intake import Intake, Line
from sfu.ids import Address
from sfu.srtp import OutboundSrtcp, SrtpError, Suite, derive_session_keys
from sfu.wire import rtcp
from tests.harness.ice_client import IceClient

NTP_OFFSET_S = 3_900_000_000.0
PICTURES, SOUNDS = (1, 2), (0xFFFF_FFFF,)
HERE: Address = ("192.0.2.7", 40_000)
ELSEWHERE: Address = ("2001:db8::8", 40_000)
KEY = bytes(range(16))
NUMBERS = (0, 9, 500, 700, 2**31 + 50, 2**32 - 1)


def reports(rng: random.Random) -> bytes:
    """A compound, mostly of reports and descriptions, sometimes with more, sometimes damaged."""
    packets: list[rtcp.RtcpPacket] = []
    for _ in range(rng.randrange(1, 4)):
        blocks = tuple(
            rtcp.ReportBlock(
                rng.choice((*PICTURES, *SOUNDS, 77)),
                rng.choice((0, 0, 2, 3, 255)),
                0,
                rng.choice(NUMBERS),
                0,
                rng.choice((0, 1, middle(rng))),
                9,
            )
            for _ in range(rng.randrange(4))
        )
        packets.append(
            rng.choices(
                (
                    rtcp.ReceiverReport(9, blocks),
                    rtcp.SourceDescription((rtcp.SourceChunk(9, ((1, rng.randbytes(rng.randrange(9))),)),) * rng.randrange(1, 3)),
                    rtcp.Nack(9, 1, (5, 6)),
                    rtcp.SenderReport(9, 0, 0, 0, 0, blocks),
                    rtcp.Bye((9,)),
                ),
                (20, 10, 1, 1, 1),
            )[0]
        )
    data = bytearray(rtcp.serialize_compound(packets))
    if rng.random() < 0.2:
        data[rng.choice((0, 2, 3, *range(8, len(data))))] ^= 1 << rng.randrange(8)  # the SSRC stays: they are counted
        data[0] = 0x80 | data[0] & 0x3F  # another version would be no RTCP to the demultiplexer
    return bytes(data)


def middle(rng: random.Random) -> int:
    return int((NTP_OFFSET_S + 100 - rng.random() * 3) * 65536) & 0xFFFF_FFFF


def keys_of(suite: Suite) -> tuple[bytes, bytes]:
    return KEY, bytes(range(suite.salt_bytes))


def join(intake: Intake, suite: Suite, address: Address, ufrag: str) -> Line:
    """A viewer, settled there."""
    intake.expect(ufrag)
    line = intake.connect(address, suite, derive_session_keys(suite, *keys_of(suite)), PICTURES, SOUNDS)
    intake.assign(address, line)
    line.settle(ufrag, "clnt", "p" * 24, address)
    return line


def feed(seed: int, count: int) -> int:
    """Random, mutated and cut datagrams of every kind, each in a buffer of just its size."""
    rng, intake = random.Random(seed), Intake(-1, NTP_OFFSET_S, 256)
    lines = [join(intake, Suite.AES_128_CM_SHA1_80, HERE, "serverAB"), join(intake, Suite.AES_128_GCM, ELSEWHERE, "serverCD")]
    client = IceClient("serverAB", "p" * 24, "clnt")
    sealers = [OutboundSrtcp(suite, *keys_of(suite)) for suite in (Suite.AES_128_CM_SHA1_80, Suite.AES_128_GCM)]
    for _ in range(count):
        shape, which = rng.randrange(4), rng.randrange(2)
        if shape == 0:
            data = bytearray(rng.randbytes(rng.randrange(1600)))
        elif shape == 1:
            data = bytearray(client.check(nominate=True))
        elif shape == 2:
            data = bytearray(sealers[which].protect(reports(rng)))
        else:
            plain = bytearray(reports(rng) + rng.randbytes(4 * rng.randrange(3)))
            plain[rng.randrange(len(plain))] = rng.randrange(256)
            data = bytearray(sealers[which].protect(bytes(plain)))
        if shape in {1, 2} and rng.random() < 0.8:
            data[rng.randrange(len(data))] = rng.randrange(256)
            del data[rng.randrange(len(data)) if rng.random() < 0.3 else len(data) :]
        answer = intake.feed(bytes(data), (HERE, ELSEWHERE)[which], 1.0)
        assert len(answer) <= len(data)
        if rng.random() < 0.1:
            with contextlib.suppress(SrtpError):
                lines[which].unprotect_rtcp(bytes(data))
        if rng.random() < 0.01:
            intake.take(rng.randrange(64))
            intake.reports()
    return intake.counters()["intake_datagrams"]


def storm(seed: int, rounds: int) -> int:
    """Peers come and go while the thread receives their checks and reports; the number that it answered."""
    rng = random.Random(seed)
    node, browser = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    for one in (node, browser):
        one.bind(("127.0.0.1", 0))
        one.setblocking(False)
    address = browser.getsockname()
    intake = Intake(node.fileno(), NTP_OFFSET_S, 64)
    answered = 0
    suite = Suite.AES_128_GCM
    for number in range(rounds):
        ufrag = f"u{number:07}"
        client, sealer = IceClient(ufrag, "p" * 24, "clnt"), OutboundSrtcp(suite, *keys_of(suite))
        line = join(intake, suite, address, ufrag)
        for _ in range(8):
            browser.sendto(rng.choice((client.check(), sealer.protect(reports(rng)), rng.randbytes(40))), node.getsockname())
            if rng.random() < 0.5:
                line.watch(rng.random() < 0.5)
                intake.reports()
            assert line.checked_at < 1e12
        if rng.random() < 0.3:
            line.unsettle()
        intake.take(rng.randrange(16))
        intake.counters()
        if rng.random() < 0.9:
            intake.unassign(address)
            intake.forget(ufrag)
            line.release()
        try:
            while browser.recv(2048):
                answered += 1
        except BlockingIOError:
            pass
    intake.close()
    node.close()
    browser.close()
    return answered


if __name__ == "__main__":
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    print(f"sent {feed(seed, count)}, answered {storm(seed, count // 20)}")
