"""Frames, sound, repairs, joins, moves and ends without ever waiting for the threads: what a sanitizer shall see.

``python -m tests.sfu.fanout_storm ROUNDS`` runs it; it fails where memory grows with the rounds.
"""

from __future__ import annotations

import ctypes
import gc
import random
import sys

from sfu.packets import SourcePacket
from sfu.srtp import Suite
from tests.sfu.fanout_programme import CODECS, PROFILES, Side

STEPS, LEGS_MAX = 60, 40
GROWTH_MAX_BYTES = 64 << 10
WARM_ROUNDS = 6


class _Mallinfo(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_size_t) for name in ("arena", "a", "b", "c", "mmapped", "e", "f", "used", "free", "keep"))


def allocated_bytes() -> int:
    """What malloc has given out, glibc only, when what Python can let go is gone."""
    gc.collect()
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = _Mallinfo
    told = ask()
    return int(told.used) + int(told.mmapped)


def storm(seed: int, threads: int) -> int:
    """One fan-out from its first leg to its end; returns the packets that left."""
    chance, side = random.Random(seed), Side("native", threads)
    newest = [1] * len(CODECS)

    def act(n: int) -> None:
        match chance.randrange(4):
            case 0:
                side.leave(n)
            case 1:
                side.resend(n, 1)
            case 2:
                side.switch(n, 1)
            case _:
                side.legs[n].address = chance.choice((None, side.address(chance.randrange(100))))

    for step in range(STEPS):
        open_legs = [n for n, one in enumerate(side.legs) if one.is_open]
        if len(open_legs) < LEGS_MAX:
            suite = chance.choice(tuple(Suite))
            side.join(step, suite, [chance.randrange(3), chance.randrange(3, 5)], chance.choice(PROFILES), step)
        for n in range(len(CODECS)):
            count = 1 if CODECS[n] == "opus" else chance.randint(1, 16)
            payload = bytes(chance.choice((50, 1100)))
            packets = tuple(
                SourcePacket(newest[n] + i, step * 3000, i == count - 1, payload, 0, (), i == 0) for i in range(count)
            )
            newest[n] += count
            side.frame(n, packets, step / 30)
        for n in chance.sample(open_legs, min(6, len(open_legs))):
            act(n)
    if seed % 2:
        side.fanout.drain()
    side.close()
    return side.fanout.counters.packets


def main() -> None:
    """Storms of one to three threads."""
    rounds, before, packets = int(sys.argv[1]), 0, 0
    for seed in range(rounds):
        packets += storm(seed, 1 + seed % 3)
        if seed + 1 == WARM_ROUNDS:
            before = allocated_bytes()
    print(f"sent {packets} packets")
    grown = allocated_bytes() - before
    if rounds > 2 * WARM_ROUNDS and grown > GROWTH_MAX_BYTES:
        sys.exit(f"{grown} bytes more after {rounds} rounds than after {WARM_ROUNDS}")


if __name__ == "__main__":
    main()
