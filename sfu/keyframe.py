"""Key frames: asked for rarely, kept, and served to newcomers.

A source is asked at most once per interval whatever the number of viewers that want one: a request each is what made others'
pictures unreadable in large meetings. The newest key frame and what followed it is remembered by index (the packets are in
the history), so that a newcomer can start from it at once while that is a short burst.
"""

from __future__ import annotations

CACHE_PACKETS = 90
"""A newcomer is served at most this many packets at once: some 100 KiB, a fifth of a second at 4 Mb/s."""


class KeyframeRequests:
    """Merges wishes for a key frame of one source into requests, at most one per ``interval_s``.

    Call :meth:`want` whenever one is needed, :meth:`arrived` when a key frame begins, and send a request whenever
    :meth:`take` returns True; :meth:`next_timeout` says when it may.
    """

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._last_request: float | None = None
        self._wanted = False
        self.requested = 0
        self.merged = 0

    @property
    def is_wanted(self) -> bool:
        """Whether somebody still waits for a key frame."""
        return self._wanted

    def want(self) -> None:
        """Notes that a viewer needs a key frame."""
        if self._wanted:
            self.merged += 1
        self._wanted = True

    def arrived(self) -> None:
        """A key frame has begun: nobody waits any more."""
        self._wanted = False

    def take(self, now: float) -> bool:
        """True when a request shall be sent now; it counts as sent. The wish stays until the key frame has come."""
        due = self.next_timeout()
        if due is None or now < due:
            return False
        self._last_request = now
        self.requested += 1
        return True

    def next_timeout(self) -> float | None:
        """When :meth:`take` turns True; None while nobody waits; 0.0 for at once."""
        if not self._wanted:
            return None
        if self._last_request is None:
            return 0.0
        return self._last_request + self._interval_s


class KeyframeCache:
    """Where the newest key frame of a source begins, and whether it and what followed is still a short burst."""

    def __init__(self, capacity: int = CACHE_PACKETS) -> None:
        self._capacity = capacity
        self._start: int | None = None
        self._newest = -1

    def note(self, index: int, *, is_keyframe_start: bool) -> None:
        """Notes a packet that is about to be forwarded."""
        self._newest = max(self._newest, index)
        if is_keyframe_start and (self._start is None or index > self._start):
            self._start = index

    def clear(self) -> None:
        """Forgets the key frame, when what followed it was lost."""
        self._start = None

    def is_short(self, index: int) -> bool:
        """Whether what was forwarded from ``index`` on is a short burst."""
        return self._newest - index < self._capacity

    def start(self) -> int | None:
        """Index at which a newcomer may start now; None when it must wait for the next key frame."""
        return self._start if self._start is not None and self.is_short(self._start) else None
