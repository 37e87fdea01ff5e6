"""The recorder's ear in the node: what sources send is handed to it as it is, beside the fan-out and never before it.

The recorder is a viewer without a line: it has no address, no keys and no losses of its own, and it follows feeds and not slots,
for it makes several files of one session. Which feeds, the plan says. It asks for key frames as every viewer does, by the
source's merged requests: when it begins, when what a file shows changes, and at least every :data:`KEYFRAME_S`, for a player
seeks from one key frame to the next. What its line has no room for is dropped and counted, and costs a key frame.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable

from sfu.packets import SourcePacket
from sfu.router import SessionRoutes
from sfu.source import Source
from sfu.tap_wire import batch_bytes, plan_bytes

KEYFRAME_S = 10.0
"""A player decodes from the key frame before the place that was sought: ten seconds of a small picture are decoded in a fraction
of one. A key frame costs some five ordinary pictures, so one in 250 costs 2 %."""


class Tap:
    """Hands over what :class:`sfu.source.Source` says is recorded.

    Args:
        send: hands one message over without waiting; False when there is no room or nobody is there.
    """

    def __init__(self, send: Callable[[bytes], bool]) -> None:
        self._send = send
        self._numbers = itertools.count(1)
        self.counters: Counter[str] = Counter()

    def take(self, source: Source, packets: tuple[SourcePacket, ...], now: float) -> None:
        """Hands a batch over, in whatever order batches come."""
        key = source.recorded_as
        if key is None:
            return
        if not source.tap_number:
            source.tap_number = next(self._numbers)
        if source.kind == "video" and any(packet.is_keyframe_start for packet in packets):
            source.tapped_keyframe_at = now
        message = batch_bytes(
            key, source.kind, source.codec, source.tap_number, source.clock_rate_hz, now, source.reported, packets
        )
        if self._send(message):
            self.counters["recorded_packets"] += len(packets)
            return
        self.counters["recorded_packets_dropped"] += len(packets)
        if source.kind == "video":
            source.requests.want()

    def tell(self, routes: SessionRoutes) -> None:
        """Tells the recorder what is to be recorded of a session, or once that nothing is any more."""
        if routes.plan.recording is not None:
            routes.was_recorded = True
            self._send(plan_bytes(routes.plan, routes.live))
        elif routes.was_recorded and self._send(plan_bytes(routes.plan, {"audio": set(), "video": set()})):
            routes.was_recorded = False

    def beat(self, sessions: Iterable[SessionRoutes], now: float) -> bool:
        """Tells the recorder of all sessions, and asks for key frames that are due; call it every second.

        Returns whether a key frame was asked for.
        """
        is_asked = False
        for routes in sessions:
            self.tell(routes)
            for source in routes.recorded_pictures():
                at = source.tapped_keyframe_at
                if at is None or now - at >= KEYFRAME_S:
                    source.requests.want()
                    is_asked = True
        return is_asked
