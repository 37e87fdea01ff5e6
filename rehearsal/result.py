"""The result: figures worked out from a record, as JSON. What was not measured is null, and `notes` says why.

Pure. The figures that the field names promise, and how each is made:

* CPU is that of all processes of the service that could be read (`server_parts`), its private Valkey among them, from phase to
  phase: a join's is that of the phase in which nothing but joins happens, a packet's that of the measured window.
* `delivered_ratio` counts the points that were connected through the whole window: what arrived of what the center sent.
* `server_rss_kib_per_point` is what the service's processes grew by, from before the first arrival to the end of the meeting.
* Latencies are those of the sampled points: from the center's `sendmsg` to the arrival at the point's socket.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from rehearsal.measures import Histogram
from rehearsal.reasons import (
    CENTER_LATER,
    CENTER_MEANWHILE,
    FEW,
    NO_CALL,
    NO_CALL_PACKET,
    NO_MEETING,
    NO_REST,
    NO_SAMPLE,
    NOBODY_ARRIVED,
    NOBODY_JOINED,
    NOT_BY_POINT,
    NOT_THAT_FAR,
    NOTHING_DELIVERED,
    NOTHING_SENT,
    REPLACED,
    Reason,
    late_frames,
    no_usage,
    read_early,
    reasons_of,
    too_late,
)
from rehearsal.record import Phase, PhaseName, Record
from rehearsal.usage import cpu_between

LATE_SHARE: Final = 0.002
"""More late frames than this, of all packets, and delays say more about the machine than about the service."""
FEW_POINTS: Final = 200
"""Below this what the service costs by itself, some hundredths of a core, is a large part of what a point costs."""
SETTLED_S: Final = 35.0
"""The node keeps a handshake's state for 30 s: before that a point's memory is more than it will be."""

Json = dict[str, Any]


class Result:
    """`fields` is the JSON, `reasons` are why it did not pass (none when it did)."""

    def __init__(self, record: Record, facts: Json) -> None:
        self._record = record
        self._notes: dict[str, Reason] = {}
        self.fields: Json = {}
        self._joins()
        self._delivery()
        self._memory()
        self._calls()
        self._service(facts)
        self.reasons = reasons_of(record, self.fields)
        verdict = {"passed": not self.reasons, "reasons": [each.fields() for each in self.reasons]}
        self.fields = {
            **verdict,
            **self.fields,
            "notes": {name: each.fields() for name, each in self._notes.items()},
            "remarks": list(record.notes),
        }

    @property
    def passed(self) -> bool:
        """Whether everybody joined, enough was delivered, and nothing was bad."""
        return not self.reasons

    def _put(self, name: str, value: Any, why_not: Reason = NOT_THAT_FAR) -> None:
        """Set a figure; null needs its reason."""
        self.fields[name] = value
        if value is None:
            self._notes[name] = why_not

    # --- joins ----------------------------------------------------------------------------------------------------------

    def _joins(self) -> None:
        record, put = self._record, self._put
        joins = record.joins
        ends = [times.connected_at for times in joins if times.connected_at is not None]
        put("points", record.points)
        put("joined", len(joins) + len(record.late_joins))
        put("join_seconds", _rounded(max(ends) - min(t.asked_at for t in joins), 3) if ends else None, NOBODY_JOINED)
        self._cpu_each("server_cpu_ms_per_join", "join", 1000.0, NOBODY_JOINED)
        self._cpu_each("server_cpu_ms_per_arrival", "arrive", 1000.0, NOBODY_ARRIVED)
        took = [1000 * (t.connected_at - t.started_at) for t in joins if t.connected_at is not None and t.started_at is not None]
        put("join_ms", _percentiles(took), NOBODY_JOINED)
        put("join_ms_curve", _curve(took))
        counts = record.counts
        put("refused_503", None if counts is None else counts.refused_503, NOT_THAT_FAR)
        everyone = [*joins, *record.late_joins, *record.comebacks]
        put("retries", {"media": sum(times.refusals for times in everyone), "desks": dict(record.desk_retries)})
        put("failures", dict(record.failures))
        put("failure_examples", dict(record.failure_examples))
        put("arrivals_failed", record.arrivals_failed)
        put("late_joined", len(record.late_joins))
        put("fallen", record.fallen)
        put("came_back", len(record.comebacks))
        put("lines_lost", dict(record.lines_lost))

    # --- the measured window --------------------------------------------------------------------------------------------

    def _delivery(self) -> None:
        window, put = self._record.window, self._put
        if window is None:
            for name in ("delivered_ratio", "delivered_packets", "expected_packets", "window_seconds", "window_points"):
                put(name, None, NO_MEETING)
        else:
            put(
                "delivered_ratio",
                _rounded(window.delivered_ratio, 6),
                NOTHING_SENT,
            )
            put("delivered_packets", window.delivered_packets)
            put("expected_packets", window.expected_packets)
            put("window_seconds", _rounded(window.seconds, 3))
            put("window_points", window.points)
            put("is_counted_by_point", window.is_exact)
            put("worst_point_ratio", _rounded(window.worst_point_ratio, 6), NOT_BY_POINT)
        counts = self._record.counts
        sampled = counts is not None and counts.sample.packets > 0
        why = NO_SAMPLE
        put("sampled_points", counts.sampled if counts is not None else 0)
        put("sampled_packets", counts.sample.packets if counts is not None else 0)
        put("sampled_bad_packets", counts.sample.bad if sampled and counts is not None else None, why)
        put("sampled_bad_by_reason", dict(counts.sample.bad_by_reason) if counts is not None else {})
        put("sampled_lost", counts.sample.lost if sampled and counts is not None else None, why)
        put("sampled_retransmitted", counts.sample.retransmitted if sampled and counts is not None else None, why)
        sample = window.sample if window is not None else None
        put("forward_latency_ms", _of(sample.video_delay.plus(sample.audio_delay)) if sample else None, why)
        put("video_latency_ms", _of(sample.video_delay) if sample else None, why)
        put("audio_latency_ms", _of(sample.audio_delay) if sample else None, why)
        for name in ("forward_latency_ms", "video_latency_ms", "audio_latency_ms"):
            if self.fields[name] is None:
                self._notes[name] = why
        self._lateness()
        self._cpu_of_packets()
        self._center()

    def _lateness(self) -> None:
        """Say so where the simulator itself was late: it is no fault of the service."""
        counts, sent = self._record.counts, self._record.sent
        if counts is not None and counts.sample.unread:
            self._notes["sampled_bad_packets"] = too_late(counts.sample.unread)
        if sent.late_frames > LATE_SHARE * sent.packets:
            self._notes["forward_latency_ms"] = late_frames(sent.late_frames, sent.packets)

    def _cpu_of_packets(self) -> None:
        """What a packet costs: all that came in the window, those for points too that were not there throughout."""
        phase, arrived, name = self._phase("meeting"), self._record.arrived, "server_cpu_us_per_packet"
        spent = _spent(phase)
        self._put("arrived_packets", arrived)
        if not arrived or spent is None:
            self._put(name, None, self._why_no_cpu(phase) if spent is None else NOTHING_DELIVERED)
            self._put(f"{name}_by_part", None, self._notes[name])
        else:
            self._put(name, _rounded(sum(spent.values()) / arrived * 1e6, 4))
            self._put(f"{name}_by_part", {part: _rounded(cpu_s / arrived * 1e6, 4) for part, cpu_s in spent.items()})

    def _center(self) -> None:
        record, sent = self._record, self._record.sent
        self._put("sent", {"video": sent.video_packets, "audio": sent.audio_packets, "keyframes": sent.keyframes})
        self._put("keyframe_requests", sent.keyframe_requests)
        why = CENTER_LATER
        self._put("keyframe_requests_while_joining", record.keyframe_requests_joining, why)

    # --- memory and a quiet viewer --------------------------------------------------------------------------------------

    def _memory(self) -> None:
        phases, record = self._record.phases, self._record
        last = self._phase("meeting") or self._phase("idle") or self._phase("join")
        first = phases[0] if phases else None
        name, joined = "server_rss_kib_per_point", len(record.joins) + len(record.late_joins)
        if first is None or last is None or first.before is None or last.after is None or not joined:
            self._put(name, None, self._why_no_cpu(last) if joined else NOBODY_JOINED)
            self._put(f"{name}_by_part", None, self._notes[name])
        elif cpu_between(first.before, last.after) is None:
            self._put(name, None, REPLACED)
            self._put(f"{name}_by_part", None, REPLACED)
        else:
            grown = {
                part: _rounded((now.rss_bytes - first.before[part].rss_bytes) / 1024 / joined, 2)
                for part, now in last.after.items()
                if part in first.before
            }
            self._put(name, _rounded(sum(part or 0.0 for part in grown.values()), 2))
            self._put(f"{name}_by_part", grown)
            joining = self._phase("join")
            if joining is not None and last.ended_s - joining.ended_s < SETTLED_S:
                since_s = last.ended_s - joining.ended_s
                self._notes[name] = read_early(since_s)
        self._rest(joined)

    def _rest(self, joined: int) -> None:
        """What the service costs by itself, and what quiet points cost it besides."""
        before, idle = self._phase("before"), self._phase("idle")
        alone, spent = _spent(before), _spent(idle)
        base = None if before is None or alone is None or not before.seconds else sum(alone.values()) / before.seconds
        self._put("server_base_cpu_percent", None if base is None else _rounded(100 * base, 3), NO_REST)
        name = "server_idle_cpu_percent_per_1000"
        if idle is None or spent is None or not joined or not idle.seconds:
            self._put(name, None, NO_REST if idle is None else self._why_no_cpu(idle))
        else:
            more = sum(spent.values()) / idle.seconds - (base or 0.0)
            self._put(name, _rounded(max(0.0, more) * 100 * 1000 / joined, 3))
            if joined < FEW_POINTS:
                self._notes[name] = FEW
        self._join_alone(joined, base)

    def _join_alone(self, joined: int, base: float | None) -> None:
        """A join without what the service does anyhow, and without what those cost meanwhile who had joined already."""
        joining, idle, name = self._phase("join"), self._phase("idle"), "server_cpu_ms_per_join_alone"
        spent, resting = _spent(joining), _spent(idle)
        ends = [times.connected_at for times in self._record.joins if times.connected_at is not None]
        if joining is None or idle is None or spent is None or resting is None or base is None or not ends or not idle.seconds:
            self._put(name, None, NO_REST if idle is None or base is None else self._why_no_cpu(joining))
            return
        each_s = max(0.0, sum(resting.values()) / idle.seconds - base) / joined
        quiet_s = sum(max(ends) - end for end in ends)
        alone = sum(spent.values()) - base * joining.seconds - each_s * quiet_s
        self._put(name, _rounded(1000 * max(0.0, alone) / len(ends), 4))

    # --- calls ----------------------------------------------------------------------------------------------------------

    def _calls(self) -> None:
        calls, put = self._record.calls, self._put
        why = NO_CALL if not calls else NO_CALL_PACKET
        put(
            "call_answer_to_first_packet_ms",
            _percentiles([c.first_packet_ms for c in calls if c.first_packet_ms is not None]),
            why,
        )
        put("call_order_to_ring_ms", _percentiles([c.ring_ms for c in calls if c.ring_ms is not None]), why)
        put("calls_as_expected", sum(call.is_as_expected for call in calls))
        put(
            "calls",
            [
                {
                    "at_s": _rounded(call.at_s, 3),
                    "point": call.point,
                    "name": call.name,
                    "expected": call.expected,
                    "outcome": call.outcome,
                    "ring_ms": _rounded(call.ring_ms, 2),
                    "first_packet_ms": _rounded(call.first_packet_ms, 2),
                    "detail": call.detail,
                }
                for call in calls
            ],
        )
        put(
            "roll_calls",
            [
                {
                    "at_s": _rounded(each.at_s, 3),
                    "asked": each.asked,
                    "present": each.present,
                    "late": each.late,
                    "no_answer": each.no_answer,
                    "offline": each.offline,
                    "expected_present": each.expected_present,
                    "detail": each.detail,
                }
                for each in self._record.roll_calls
            ],
        )

    # --- the service and the simulator ----------------------------------------------------------------------------------

    def _service(self, facts: Json) -> None:
        record, put = self._record, self._put
        meeting, joining = self._phase("meeting"), self._phase("join")
        put("server_read_by", record.meter, no_usage(joining, record))
        spent = _spent(meeting)
        put("server_parts", sorted(spent) if spent is not None else None, self._why_no_cpu(meeting))
        cores = None if spent is None or meeting is None else sum(spent.values()) / max(1e-6, meeting.seconds)
        put("server_cpu_cores", _rounded(cores, 3), self._why_no_cpu(meeting))
        own = None if meeting is None else meeting.own_cpu_s / max(1e-6, meeting.seconds)
        counts = record.counts
        put(
            "simulator",
            {
                "cpu_s": _rounded(sum(phase.own_cpu_s for phase in record.phases), 2),
                "cpu_cores": _rounded(own, 3),
                "cpu_ms_per_join": _rounded(_each(None if joining is None else joining.own_cpu_s, len(record.joins)), 3),
                "late_frames": record.sent.late_frames,
                "unread_packets": counts.sample.unread if counts is not None else 0,
                "unread_bursts": counts.sample_unread if counts is not None else 0,
                "consent_lost": counts.consent_lost if counts is not None else 0,
                "closed_by_service": counts.closed if counts is not None else 0,
            },
        )
        put("is_interrupted", record.is_interrupted)
        put("session", record.session)
        put("phases", [_phase_fields(phase) for phase in record.phases])
        put("series", _series(record))
        put("latency_histogram", _histograms(record))
        settings = record.scenario.model_dump(mode="json", exclude={"groups", "calls", "roll_calls"})
        settings["groups"] = [group.model_dump(mode="json") for group in record.scenario.groups]
        put("settings", settings)
        self.fields |= facts

    # --- inside ---------------------------------------------------------------------------------------------------------

    def _phase(self, name: PhaseName) -> Phase | None:
        return next((phase for phase in self._record.phases if phase.name == name), None)

    def _cpu_each(self, name: str, phase_name: PhaseName, factor: float, why_nobody: Reason) -> None:
        phase = self._phase(phase_name)
        spent = _spent(phase)
        if phase is None or not phase.done:
            self._put(name, None, why_nobody)
            self._put(f"{name}_by_part", None, why_nobody)
        elif spent is None:
            self._put(name, None, self._why_no_cpu(phase))
            self._put(f"{name}_by_part", None, self._why_no_cpu(phase))
        else:
            self._put(name, _rounded(factor * sum(spent.values()) / phase.done, 4))
            self._put(f"{name}_by_part", {part: _rounded(factor * cpu_s / phase.done, 4) for part, cpu_s in spent.items()})
            if phase.done < FEW_POINTS:
                self._notes[name] = FEW
            if phase_name == "join" and self._record.keyframe_requests_joining is not None:
                self._notes[name] = CENTER_MEANWHILE

    def _why_no_cpu(self, phase: Phase | None) -> Reason:
        return no_usage(phase, self._record)


def _spent(phase: Phase | None) -> dict[str, float] | None:
    if phase is None or phase.before is None or phase.after is None:
        return None
    return cpu_between(phase.before, phase.after)


def _each(total: float | None, count: int) -> float | None:
    return None if total is None or not count else 1000 * total / count


def _percentiles(values: Sequence[float]) -> Json | None:
    """p50 and p99 by nearest rank; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)

    def rank(share: float) -> float:
        return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]

    return {"p50": _rounded(rank(0.5), 2), "p99": _rounded(rank(0.99), 2), "max": _rounded(ordered[-1], 2), "count": len(ordered)}


def _of(histogram: Histogram) -> Json | None:
    if not histogram.count:
        return None
    return {
        "p50": histogram.percentile(0.5),
        "p99": histogram.percentile(0.99),
        "max": _rounded(histogram.highest_ms, 2),
        "count": histogram.count,
    }


def _phase_fields(phase: Phase) -> Json:
    spent = _spent(phase)
    return {
        "name": phase.name,
        "began_s": _rounded(phase.began_s, 3),
        "seconds": _rounded(phase.seconds, 3),
        "done": phase.done,
        "server_cpu_s": None if spent is None else {part: _rounded(cpu_s, 3) for part, cpu_s in spent.items()},
        "server_rss_kib": None if phase.after is None else {part: use.rss_bytes // 1024 for part, use in phase.after.items()},
        "simulator_cpu_s": _rounded(phase.own_cpu_s, 3),
    }


def _series(record: Record) -> Json:
    """Columns, which are a third of the size of rows with names."""
    series = record.series
    parts = sorted({part for second in series for part in second.cpu or ()})
    return {
        "at_s": [_rounded(each.at_s, 2) for each in series],
        "phase": [each.phase for each in series],
        "live": [each.live for each in series],
        "joined": [each.joined for each in series],
        "delivered_pps": [_rounded(each.delivered_pps, 1) for each in series],
        "server_cpu_cores": [None if each.cpu is None else _rounded(sum(each.cpu.values()), 3) for each in series],
        "server_cpu_cores_by_part": {
            part: [None if each.cpu is None else _rounded(each.cpu.get(part), 3) for each in series] for part in parts
        },
        "simulator_cpu_cores": [_rounded(each.own_cpu, 3) for each in series],
        "video_p99_ms": [each.video_p99_ms for each in series],
        "audio_p99_ms": [each.audio_p99_ms for each in series],
    }


def _histograms(record: Record) -> Json:
    if record.window is None:
        return {"video": [], "audio": []}
    sample = record.window.sample
    return {"video": _coarse(sample.video_delay), "audio": _coarse(sample.audio_delay)}


def _coarse(histogram: Histogram) -> list[list[float]]:
    """`[upper edge in ms, count]`, lowest first, in at most some hundred bins that grow with the delay."""
    merged: Counter[float] = Counter()
    for edge_ms, count in histogram.points():
        width_ms = 0.1 if edge_ms <= 5 else 0.5 if edge_ms <= 20 else 2.0 if edge_ms <= 100 else 20.0
        merged[round(-(-edge_ms // width_ms) * width_ms, 1)] += count
    return [[edge_ms, count] for edge_ms, count in sorted(merged.items())]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _curve(values: Sequence[float]) -> list[float]:
    """What 0, 1, 2 … 100 hundredths of all values do not exceed; nothing of nothing."""
    ordered = sorted(values)
    return [round(ordered[max(0, -(-share * len(ordered) // 100) - 1)], 2) for share in range(101)] if ordered else []
