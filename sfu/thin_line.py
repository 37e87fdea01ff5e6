"""The pictures of one viewer whose line carries less than all: paced, and asked whether it would carry more. Pure; no clock.

A line of 200 kb/s has one queue for everything. A key frame that leaves the node in one burst stands in front of the sound for
a third of a second, and a layer that does not fit fills that queue until sound is thrown away with it. So what leaves for such
a viewer's pictures leaves at little more than its layers' own rate (:data:`PACE`); sound goes past it, unpaced.

And nothing is tried that would cost sound. Before a line that proved too thin is given a better layer, :class:`Probe` sends
*trains*: for a second at a time packets that were sent before, so that in all as much leaves as the train's rate says. A
receiver drops them unseen (SRTP's replay window, RFC 3711 §3.3.2), and the line's queue shows itself in the round trip of the
sender report that ends the train. Each train is half as fast again as the last; the first that finds a queue ends the probe.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal

from sfu.ids import Address

PACE = 1.4
"""Times what the layers have at most. 110 kb/s leave at 154, with 45 of sound beside them 199."""
DRAIN_S = 0.5
"""A key frame larger than that leaves within this time all the same: a picture much later than its sound is worth little."""
WAITING_MAX_BYTES = 64_000
"""Ten key frames of the lowest layer. What does not fit is dropped, and asked for again or replaced by a key frame."""
HEADERS_BYTES = 28
"""IPv4 and UDP, which the line carries too."""
TICK_S = 0.005
TRAIN_S = 1.0
FIRST_STEP, STEP = 1.25, 1.5
"""How much faster than the pace the first train is, and than the train before each other one: a line that carries just too little
waits for a fifth of a second after the first, and for half of one after any other."""
LISTEN_S = 1.2
"""A report that comes so long after a train was made after the train's own sender report had come, whatever waits: reports come
once a second, and a line's queue is a second or less."""
SILENCE_S = 4.0
"""Without any report by then the probe ends: nothing is known, and nothing is tried."""
DRAIN_WAIT_S = 1.5
"""After a train that was too much the line has so long to empty; then a round trip is taken anew, which others may trust."""
PROBE_QUEUE_MS = 120.0
"""A train's round trip longer by so much than the shortest is a queue. The first train makes one of 165 ms on 200 kb/s."""
PROBE_LOSS = 0.10
"""A report of more: the line drops what is too much instead of letting it wait."""

Verdict = Literal["carries", "too_much"]


class Probe:
    """Trains up to a rate. Ask :meth:`rate_bps` what leaves now, and give all reports to :meth:`receive_report`.

    Args:
        from_bps: what leaves without it.
        to_bps: what the better layer would take.
        base_ms: the shortest round trip of late; None where none is known: the next report's is taken.
        now: monotonic seconds.
    """

    def __init__(self, from_bps: float, to_bps: float, base_ms: float | None, now: float) -> None:
        self._to_bps, self._base_ms = to_bps, base_ms
        self._bps = min(to_bps, from_bps * FIRST_STEP)
        self._ends_at = now + TRAIN_S
        self._needs_report = True
        self.is_draining = False
        """Whether a train was too much, and the line is given time to empty."""
        self.verdict: Verdict | None = None
        self.trains = 1

    def rate_bps(self, now: float) -> float:
        """What shall leave now, pictures and repeats together; 0 between trains and after the verdict."""
        return self._bps if not self.is_draining and now < self._ends_at else 0.0

    @property
    def train_ends_at(self) -> float:
        """When the present train ends, or the last one ended."""
        return self._ends_at

    def take_report_wish(self, now: float) -> bool:
        """Whether a sender report shall go out now: once after every train, and once when what it left is gone."""
        if not self._needs_report or now < self._ends_at:
            return False
        self._needs_report = False
        return True

    def receive_report(self, lost: float, rtt_ms: float | None, now: float) -> None:
        """Takes what the viewer says of its line: the share of packets lost, and the round trip where it tells one."""
        since_s = now - self._ends_at
        if self.is_draining:
            self.verdict = "too_much" if since_s >= LISTEN_S else None
            return
        if rtt_ms is not None:
            self._base_ms = rtt_ms if self._base_ms is None else min(self._base_ms, rtt_ms)
        has_queue = rtt_ms is not None and self._base_ms is not None and rtt_ms > self._base_ms + PROBE_QUEUE_MS
        if lost > PROBE_LOSS or has_queue or since_s >= SILENCE_S:
            self.is_draining = True
            self._ends_at = now + DRAIN_WAIT_S
            self._needs_report = True
        elif rtt_ms is not None and since_s >= LISTEN_S:
            self._go_on(now)

    def _go_on(self, now: float) -> None:
        if self._bps >= self._to_bps:
            self.verdict = "carries"
            return
        self._bps = min(self._to_bps, self._bps * STEP)
        self._ends_at = now + TRAIN_S
        self._needs_report = True
        self.trains += 1


class ThinLine:
    """Where one viewer's pictures leave: an :class:`sfu.fanout.Outlet`. Call :meth:`take` every :data:`TICK_S`.

    Args:
        layers_bps: what the layers that feed the viewer now have at most, together.
    """

    def __init__(self, layers_bps: Callable[[], float]) -> None:
        self._layers_bps = layers_bps
        self._waiting: deque[tuple[bytes, Address]] = deque()
        self._waiting_bytes = 0
        self._free_at = float("-inf")
        self._spare: tuple[bytes, Address] | None = None
        self._fill_at = float("-inf")
        self.probe: Probe | None = None

    @property
    def waiting_bytes(self) -> int:
        """What waits for its time."""
        return self._waiting_bytes

    def send(self, vectors: Sequence[bytes], segment_bytes: int, address: Address) -> bool:
        """Takes datagrams as every outlet does; False, and nothing taken, where too much waits."""
        data = b"".join(vectors)
        if self._waiting_bytes + len(data) > WAITING_MAX_BYTES:
            return False
        step = segment_bytes or len(data)
        for at in range(0, len(data), step):
            self._waiting.append((data[at : at + step], address))
        self._waiting_bytes += len(data)
        return True

    def start_probe(self, to_bps: float, base_ms: float | None, now: float) -> None:
        """Begins to ask whether the line carries so much of pictures."""
        self.probe = Probe(self.pace_bps, to_bps * PACE, base_ms, now)
        self._fill_at = now

    def clear(self) -> None:
        """Drops what waits: it is of a layer that the line does not carry."""
        self._waiting.clear()
        self._waiting_bytes = 0

    def flush(self) -> list[tuple[bytes, Address]]:
        """Gives all that waits at once: nothing is paced any more."""
        waiting = list(self._waiting)
        self.clear()
        return waiting

    @property
    def pace_bps(self) -> float:
        """How fast pictures leave."""
        return max(PACE * self._layers_bps(), self._waiting_bytes * 8 / DRAIN_S)

    def take(self, now: float) -> list[tuple[bytes, Address]]:
        """What leaves now."""
        out: list[tuple[bytes, Address]] = []
        pace_bps = self.pace_bps if self._waiting else 0.0
        while self._waiting and self._free_at <= now:
            data, address = self._spare = self._waiting.popleft()
            self._waiting_bytes -= len(data)
            out.append((data, address))
            lasts_s = (len(data) + HEADERS_BYTES) * 8
            self._free_at = max(self._free_at, now - TICK_S) + lasts_s / pace_bps
            self._note_sent(len(data))
        self._fill(out, now)
        return out

    def _note_sent(self, size_bytes: int) -> None:
        rate_bps = 0.0 if self.probe is None else self.probe.rate_bps(self._fill_at)
        if rate_bps:
            self._fill_at += (size_bytes + HEADERS_BYTES) * 8 / rate_bps

    def _fill(self, out: list[tuple[bytes, Address]], now: float) -> None:
        """Repeats the newest packet as often as the train has room for."""
        if self.probe is None or self._spare is None:
            return
        if not self.probe.rate_bps(now):
            self._fill_at = max(self._fill_at, self.probe.train_ends_at)
            return
        self._fill_at = max(self._fill_at, now - TRAIN_S / 10)
        while self._fill_at <= now and self.probe.rate_bps(self._fill_at):
            out.append(self._spare)
            self._note_sent(len(self._spare[0]))
