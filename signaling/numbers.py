"""Which numbers ``/metrics`` shows of this process, and where each is read."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from bridge.ids import STANDING_LINE
from config.process import resident_bytes
from signaling.metrics import Number

if TYPE_CHECKING:
    from signaling.app import Service


def numbers_of(service: Service) -> tuple[Number, ...]:
    """The numbers of one signaling process."""
    hub, pump, media = service.hub, service.pump, service.media
    sockets, joins, doors = service.socket_admission, service.media_admission, service.doors
    rooms = hub.rooms

    def live() -> float:
        main = rooms.get(STANDING_LINE)
        return 0 if main is None else main.bridge.live_count

    def active() -> float:
        return sum(len(room.bridge.active_calls()) for room in rooms.values())

    return (
        Number("points_connected", "gauge", "Points connected to this process.", lambda: len(hub.lines)),
        Number(
            "consoles_connected",
            "gauge",
            "Consoles connected to this process.",
            lambda: sum(len(r.consoles) for r in rooms.values()),
        ),
        Number(
            "viewers_connected",
            "gauge",
            "Viewers connected to this process.",
            lambda: sum(len(r.viewers) for r in rooms.values()),
        ),
        Number("points_live", "gauge", "Points live, as the standing line has it.", live),
        Number("calls_active", "gauge", "Calls in progress.", active),
        Number("media_ready", "gauge", "Whether the media node is connected.", lambda: float(media.ready)),
        Number(
            "sessions_ready", "gauge", "Sessions that can be commanded.", lambda: sum(o.is_ready for o in service.owners.values())
        ),
        Number("whip_joins", "counter", "Publishers let in.", lambda: doors.joins["whip"]),
        Number("whep_joins", "counter", "Viewers let in.", lambda: doors.joins["whep"]),
        Number("socket_joins_refused", "counter", "WebSockets refused by a bucket.", lambda: sockets.refused),
        Number("media_joins_refused", "counter", "WHIP and WHEP joins refused by a bucket.", lambda: joins.refused),
        Number("hellos_bad", "counter", "Hellos with a wrong credential.", lambda: hub.refused_credentials),
        Number("bearers_bad", "counter", "Requests with a wrong bearer.", lambda: service.bearers.refused),
        Number(
            "addresses_forgotten",
            "counter",
            "Buckets of addresses that were dropped early.",
            lambda: sockets.forgotten + joins.forgotten,
        ),
        Number("messages_merged", "counter", "Waiting messages that a newer one replaced.", lambda: pump.merged),
        Number("messages_dropped", "counter", "Messages dropped with a client that was too slow.", lambda: pump.dropped),
        Number("slow_closes", "counter", "Connections closed because the client did not read.", lambda: pump.slow_closes),
        Number(
            "loop_lag_seconds", "gauge", "The longest that the event loop did not turn lately.", lambda: service.loop_lag.worst_s
        ),
        Number("messages_waiting", "gauge", "Messages that wait for their turn.", lambda: len(service.door.turnstile)),
        Number("heap_collections", "counter", "Full collections of garbage in quiet minutes.", lambda: service.heap.collections),
        Number("errands_waiting", "gauge", "Reports to the domain that wait.", lambda: len(hub.errands)),
        Number("errands_dropped", "counter", "Reports to the domain that found no room.", lambda: hub.errands.dropped),
        Number("cpu_seconds", "counter", "CPU time of this process, all of its threads.", time.process_time),
        Number(
            "resident_bytes",
            "gauge",
            "Memory of this process that is in RAM; NaN where the system does not tell.",
            lambda: math.nan if (memory := resident_bytes()) is None else memory,
        ),
        Number("media_lines_skipped", "counter", "Lines of the node that were not understood.", lambda: media.skipped_lines),
    )
