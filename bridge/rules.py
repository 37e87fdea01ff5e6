"""The numbers a session is run by, all durations in milliseconds."""

from dataclasses import dataclass

from bridge.errors import BridgeError


@dataclass(frozen=True, slots=True)
class Rules:
    """Clocks and limits of one session.

    A running clock keeps the deadline it was started with: it is written into the event. Other rules after a restart apply to the
    clocks that start then.
    """

    deliver_timeout_ms: int = 5_000
    """From the ring being sent until the page must have confirmed that it rings."""
    answer_timeout_ms: int = 30_000
    """From the page's confirmation until somebody must have answered."""
    media_timeout_ms: int = 10_000
    """From the answer until picture or voice must have arrived."""
    reconnect_grace_ms: int = 30_000
    """How long a connected point may be without any media before the call fails."""
    auto_preview: bool = True
    """Put a call into preview as soon as it is connected."""
    monitors: int = 4
    """Calls that may be in progress at once: the center's viewer has that many monitor slots."""
    max_on_air: int = 2
    """Points on air at once: viewers have that many guest audio slots."""
    max_rings: int = 3
    """How often the ring may be sent again, after a page came back, with a fresh delivery clock; later sends move no clock."""
    kept_calls: int = 500
    """Finished calls kept in memory, the newest; the session's log keeps all."""

    floor_ms: int = 180_000
    """How long a speaker has when nothing else was said."""
    floor_warning_ms: int = 30_000
    """How long before its end a speaker's time is announced."""
    escalation_step_ms: int = 60_000
    """How long each step of an escalation has before the next one begins."""
    shift_confirm_ms: int = 900_000
    """From the start of a shift until it counts as unconfirmed."""
    kept_roll_calls: int = 10
    """Closed roll calls kept in memory, the newest: some 3 MB each for 10,000 points; the session's log keeps all."""

    def __post_init__(self) -> None:
        for name in (
            "deliver_timeout_ms",
            "answer_timeout_ms",
            "media_timeout_ms",
            "reconnect_grace_ms",
            "monitors",
            "max_on_air",
            "max_rings",
            "kept_calls",
            "kept_roll_calls",
            "floor_ms",
            "floor_warning_ms",
            "escalation_step_ms",
            "shift_confirm_ms",
        ):
            if getattr(self, name) < 1:
                raise BridgeError("bad_rules", f"Thông số {name} phải lớn hơn 0.", f"The rule {name} must be above 0.", "caller")
        if self.monitors > MONITOR_SLOTS or self.max_on_air > GUEST_SLOTS:
            raise BridgeError(
                "bad_rules",
                f"Tối đa {MONITOR_SLOTS} màn hình theo dõi và {GUEST_SLOTS} điểm cầu phát cùng lúc.",
                f"At most {MONITOR_SLOTS} monitors and {GUEST_SLOTS} points on air.",
                "caller",
            )


MONITOR_SLOTS = 4
"""Monitor slots that a center's viewer negotiates."""
GUEST_SLOTS = 2
"""Guest audio slots that every viewer negotiates."""
