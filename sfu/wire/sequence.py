"""Counters of the wire made into plain integers: inside the service nothing wraps.

RTP's 16-bit sequence numbers wrap every few minutes and its 32-bit timestamps every 13 hours (90 kHz). They are unwrapped
where a packet comes in, and masked again where one goes out.
"""

from __future__ import annotations


class Unwrapper:
    """Unwraps one counter of one stream. Give it every received value, in the order received."""

    __slots__ = ("_half", "_highest", "_modulus")

    def __init__(self, bits: int) -> None:
        self._modulus = 1 << bits
        self._half = self._modulus >> 1
        self._highest: int | None = None

    @property
    def highest(self) -> int | None:
        """The highest unwrapped value so far, ``None`` before the first."""
        return self._highest

    def unwrap(self, value: int) -> int:
        """The value as an integer that grows over every wrap.

        The first value is taken as it is. Every later one is placed within half the counter's range of the highest seen, so
        that a late packet does not move the reference; a step of exactly half the range counts as backwards (RFC 1982
        section 3.2 leaves it open). A packet from before the first may come out negative.
        """
        value &= self._modulus - 1
        if self._highest is None:
            self._highest = value
            return value
        step = (value - self._highest) & (self._modulus - 1)
        if step >= self._half:
            return self._highest + step - self._modulus
        self._highest += step
        return self._highest
