"""A seeded source of broken inputs: the same ones in every run, so that a failure can be looked at again."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

INTERESTING = (0x00, 0x01, 0x0F, 0x10, 0x1F, 0x7F, 0x80, 0x81, 0x90, 0xA0, 0xBE, 0xC8, 0xCD, 0xCE, 0xDE, 0xFE, 0xFF)


def mutated(seeds: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """``count`` inputs, each a seed with one to eight changes: bits and bytes, cuts, copies, other seeds' pieces, growth."""
    source = random.Random(seed)
    for _ in range(count):
        data = bytearray(source.choice(seeds))
        for _ in range(source.randint(1, 8)):
            _change(data, seeds, source)
        yield bytes(data)


def _change(data: bytearray, seeds: Sequence[bytes], source: random.Random) -> None:
    at = source.randrange(len(data)) if data else 0
    # Headers are where lengths stand: half of all changes go there.
    at = min(at, source.randrange(24)) if source.random() < 0.5 else at
    kind = source.randrange(8)
    if kind == 0 and data:
        data[at] ^= 1 << source.randrange(8)
    elif kind == 1 and data:
        data[at] = source.choice(INTERESTING)
    elif kind == 2:
        del data[at:]
    elif kind == 3:
        del data[at : at + source.randint(1, 16)]
    elif kind == 4:
        data[at:at] = source.randbytes(source.randint(1, 16))
    elif kind == 5:
        other = source.choice(seeds)
        start = source.randrange(len(other) + 1)
        data[at : at + source.randint(0, 16)] = other[start : start + source.randint(1, 64)]
    elif kind == 6:
        data[at:at] = data[at : at + source.randint(1, 64)] * source.randint(1, 3)
    else:
        data.extend(source.randbytes(source.randint(1, 32)))


def noise(count: int, longest: int, seed: int) -> Iterator[bytes]:
    """Inputs that no seed is behind."""
    source = random.Random(seed)
    for _ in range(count):
        yield source.randbytes(source.randint(0, longest))
