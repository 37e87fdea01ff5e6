"""Which packets of a publisher are missing, and when to ask for them again (generic NACK, RFC 4585 §6.2.1)."""

from __future__ import annotations

from dataclasses import dataclass

MISSING_MAX = 500
"""More gaps than this at once are not worth repairing packet by packet: all are given up and a key frame is asked for."""
FIRST_DELAY_S = 0.005
"""A reordered packet mostly arrives within this time; asking earlier wastes a request."""
RETRY_S = 0.06
RETRIES = 8
NAMED_MAX = 250
"""Indices one call of :meth:`LossRepair.requests` names: scattered they are 250 pairs of 4 bytes, which one datagram holds."""


@dataclass(slots=True)
class _Missing:
    due: float
    tries: int


class LossRepair:
    """Requests for the gaps in one source's sequence.

    Call :meth:`receive` for every packet, then :meth:`requests` at :meth:`next_timeout`; it returns the indices to name in a
    NACK now. :attr:`given_up` counts packets that were asked for in vain.
    """

    def __init__(self) -> None:
        self._missing: dict[int, _Missing] = {}
        self._newest: int | None = None
        self._due_at: float | None = None
        self.given_up = 0

    def receive(self, index: int, now: float) -> bool:
        """Notes a packet's unwrapped index. Returns False when a gap was too large to repair: ask for a key frame."""
        if self._newest is None or index <= self._newest:
            self._missing.pop(index, None)
            self._newest = index if self._newest is None else self._newest
            return True
        gap = range(self._newest + 1, index)
        self._newest = index
        if len(gap) + len(self._missing) > MISSING_MAX:
            self.given_up += len(gap) + len(self._missing)
            self._missing.clear()
            return False
        for missing in gap:
            self._missing[missing] = _Missing(now + FIRST_DELAY_S, 0)
        if gap and (self._due_at is None or self._due_at > now + FIRST_DELAY_S):
            self._due_at = now + FIRST_DELAY_S
        return True

    def requests(self, now: float) -> tuple[list[int], int]:
        """Returns the indices to ask for now, in order, and how many were given up by this call.

        More than :data:`NAMED_MAX` are not named at once; the rest is due at the next call.
        """
        due: list[int] = []
        lost: list[int] = []
        for index, missing in self._missing.items():
            if missing.due > now or len(due) >= NAMED_MAX:
                continue
            if missing.tries >= RETRIES:
                lost.append(index)
                continue
            missing.tries += 1
            missing.due = now + RETRY_S
            due.append(index)
        for index in lost:
            del self._missing[index]
        self.given_up += len(lost)
        self._due_at = min((missing.due for missing in self._missing.values()), default=None)
        return due, len(lost)

    def next_timeout(self) -> float | None:
        """When to call :meth:`requests` next; None while nothing is missing.

        Asked after every datagram, so it is kept and not searched for; what has arrived since makes it too early, never late.
        """
        return self._due_at if self._missing else None
