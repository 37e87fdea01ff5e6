"""A call, its trail and the evidence of a failure."""

from dataclasses import dataclass, field
from typing import Final

from bridge.machine import OVER, TALKING, CallState, Cause
from bridge.points import NO_DEVICE, PointRecord, Report

TRAIL_NOTES_MAX: Final = 64
"""Lines of a trail that are no step of the call (notes, media, comings and goings); further ones are dropped, steps never are."""


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One line of a call's record: when, what, by whom, a remark, and the point's own report where one came with it."""

    at: int
    what: str
    by: str
    note: str = ""
    report: Report | None = None

    def to_dict(self) -> dict[str, object]:
        """Give the JSON form, every key present."""
        return {
            "at": self.at,
            "what": self.what,
            "by": self.by,
            "note": self.note,
            "report": self.report.to_dict() if self.report else None,
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was known when a call failed: enough to say afterwards whose line, machine or absence it was.

    Times are milliseconds since the Unix epoch, None where the thing never happened.
    """

    point_live: bool
    """Whether the point had a live connection at that moment."""
    last_seen: int | None = None
    """The last time anything was heard from the point."""
    offline_since: int | None = None
    """Since when it was known to be gone; None while live and when it never came."""
    left_reason: str | None = None
    """Why its last connection went, as the server saw it."""
    rings_sent: int = 0
    """How often the ring was handed to a live connection of the point."""
    rang_at: int | None = None
    delivered_at: int | None = None
    answered_at: int | None = None
    deadline: int | None = None
    """The clock that ran out, when one did."""
    video: bool = False
    audio: bool = False
    """What was arriving from the point at that moment."""
    device: str | None = None
    """``camera`` or ``microphone``, when the page reported that it failed."""
    detail: str = ""
    """The person's or the browser's own words."""
    report: Report | None = None
    """The last report of the point's machine."""

    def to_dict(self) -> dict[str, object]:
        """Give the JSON form, every key present."""
        return {
            "point_live": self.point_live,
            "last_seen": self.last_seen,
            "offline_since": self.offline_since,
            "left_reason": self.left_reason,
            "rings_sent": self.rings_sent,
            "rang_at": self.rang_at,
            "delivered_at": self.delivered_at,
            "answered_at": self.answered_at,
            "deadline": self.deadline,
            "video": self.video,
            "audio": self.audio,
            "device": self.device,
            "detail": self.detail,
            "report": self.report.to_dict() if self.report else None,
        }


@dataclass(slots=True)
class Call:
    """One call to one point. Only applied events change it."""

    id: str
    point: str
    point_name: str
    by: str
    placed_at: int
    state: CallState = CallState.QUEUED
    monitor: int | None = None
    """Its monitor slot, 1 to 4, from placing to the end; None for a call that could not even be sent."""
    guest: int | None = None
    """Its guest audio slot, 1 or 2, while on air."""
    cause: Cause | None = None
    evidence: Evidence | None = None
    rings_sent: int = 0
    deadline: int | None = None
    """When the clock of the present state runs out; None when none runs."""
    level: int = 0
    """How far its caller is below the root; a call of a higher level takes the point away."""
    record: str = ""
    """The matter that it belongs to: the id of that matter's first call, its own for a new one."""
    together: str = ""
    """The first of the calls that go on air together with it; empty for a call alone."""
    called_back_at: int | None = None
    """When the point asked to be called again about it, last."""
    explained_at: int | None = None
    """When the point explained it, last."""
    ringing_at: int | None = None
    delivered_at: int | None = None
    answered_at: int | None = None
    connected_at: int | None = None
    connected_by: str | None = None
    """``video`` or ``audio``: the media that counted as being connected."""
    preview_at: int | None = None
    on_air_at: int | None = None
    """When it last went on air."""
    air_at: int | None = None
    """When it goes on air by its countdown; None while none runs."""
    air_by: str = ""
    """Who began the countdown."""
    off_air_at: int | None = None
    """When it last left the air; None while on air."""
    ended_at: int | None = None
    interrupted_at: int | None = None
    """Since when no media arrives from a connected point; None while some does."""
    report: Report | None = None
    """The latest report of the point's machine."""
    trail: list[TrailEntry] = field(default_factory=list)
    notes: int = 0
    """Lines of the trail that are no steps."""

    @property
    def is_over(self) -> bool:
        """Whether it has ended or failed."""
        return self.state in OVER

    @property
    def is_talking(self) -> bool:
        """Whether it is connected, in preview or on air."""
        return self.state in TALKING

    @property
    def is_voice_only(self) -> bool:
        """Whether the page said that its camera is absent or refused, so that a voice is all that can be expected."""
        return self.report is not None and self.report.camera in NO_DEVICE

    @property
    def can_note(self) -> bool:
        """Whether the trail takes another line that is no step."""
        return self.notes < TRAIL_NOTES_MAX

    def step(self, at: int, what: str, by: str, note: str = "", report: Report | None = None) -> None:
        """Append a step to the trail and keep the report."""
        self.trail.append(TrailEntry(at, what, by, note, report))
        if report is not None:
            self.report = report

    def remark(self, at: int, what: str, by: str, note: str = "", report: Report | None = None) -> None:
        """Append a line that is no step, unless the trail is full of them; keep the report either way."""
        if self.can_note:
            self.notes += 1
            self.trail.append(TrailEntry(at, what, by, note, report))
        if report is not None:
            self.report = report


def evidence_of(
    call: Call | None,
    record: PointRecord,
    media: frozenset[str],
    *,
    deadline: int | None = None,
    device: str | None = None,
    detail: str = "",
    report: Report | None = None,
    rang_now: int | None = None,
) -> Evidence:
    """Gather what is known of a failing call.

    ``call`` is None when it fails in the moment it is placed; ``rang_now`` is that moment when only it proves the ring.
    """
    rings_sent, rang_at, delivered_at, answered_at = 0, None, None, None
    if call is not None:
        rings_sent, rang_at, delivered_at, answered_at = call.rings_sent, call.ringing_at, call.delivered_at, call.answered_at
    if rang_now is not None:
        rings_sent, rang_at, delivered_at = max(rings_sent, 1), rang_now if rang_at is None else rang_at, rang_now
    return Evidence(
        point_live=record.is_live,
        last_seen=record.last_seen,
        offline_since=record.offline_since,
        left_reason=record.left_reason,
        rings_sent=rings_sent,
        rang_at=rang_at,
        delivered_at=delivered_at,
        answered_at=answered_at,
        deadline=deadline,
        video="video" in media,
        audio="audio" in media,
        device=device,
        detail=detail,
        report=report or (call.report if call else None) or record.report,
    )
