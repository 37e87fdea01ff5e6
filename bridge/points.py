"""Points: what a page reports of itself, what is known of each point, and the state of all of them in four bits each."""

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from bridge.errors import BridgeError
from bridge.words import clip

DEVICE_STATES: Final = frozenset({"ok", "absent", "refused", "unknown"})
NO_DEVICE: Final = frozenset({"absent", "refused"})
DEVICE_NAME_MAX_CHARS: Final = 80


class PointState(IntEnum):
    """One of sixteen states of a point, as pages see it; 11 to 14 are free, 15 is reserved."""

    OFFLINE = 0
    READY = 1
    RINGING = 2
    DELIVERED = 3
    ANSWERED = 4
    CONNECTED = 5
    PREVIEW = 6
    ON_AIR = 7
    MISSED = 8
    MISSED_OFFLINE = 9
    ENGAGED = 10
    """In the call of a higher level, in another session."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a point's page says of its own machine; None and "unknown" mean that it did not say.

    Raises:
        BridgeError: ``bad_report`` (fault ``remote``) when a device state is none of the four or the time is not a number of
            milliseconds. ``device`` is cut to 80 characters.
    """

    visible: bool | None = None
    camera: str = "unknown"
    microphone: str = "unknown"
    rtt_ms: float | None = None
    device: str | None = None

    def __post_init__(self) -> None:
        if self.camera not in DEVICE_STATES or self.microphone not in DEVICE_STATES:
            raise _bad_report("device")
        if self.rtt_ms is not None and not (math.isfinite(self.rtt_ms) and self.rtt_ms >= 0):
            raise _bad_report("rtt_ms")
        if self.device is not None:
            object.__setattr__(self, "device", clip(self.device, DEVICE_NAME_MAX_CHARS))

    def is_like(self, other: "Report | None") -> bool:
        """Say whether ``other`` says the same apart from the round-trip time, which changes with every report."""
        return other is not None and (self.visible, self.camera, self.microphone, self.device) == (
            other.visible,
            other.camera,
            other.microphone,
            other.device,
        )

    def to_dict(self) -> dict[str, object]:
        """Give the report's JSON form, every key present."""
        return {
            "visible": self.visible,
            "camera": self.camera,
            "microphone": self.microphone,
            "rtt_ms": self.rtt_ms,
            "device": self.device,
        }


def _bad_report(field: str) -> BridgeError:
    return BridgeError(
        "bad_report",
        f"Báo cáo thiết bị của trang không hợp lệ ({field}). Hãy tải lại trang.",
        f"The page's report of its machine is not valid ({field}). Reload the page.",
        "remote",
    )


@dataclass(slots=True)
class PointRecord:
    """What the events so far say of one point."""

    is_live: bool = False
    live_since: int | None = None
    last_seen: int | None = None
    """The last time anything was heard from it; None when it never came."""
    offline_since: int | None = None
    """When it was noticed to be gone; None while live and when it never came."""
    left_reason: str | None = None
    report: Report | None = None
    has_missed: bool = False
    """Its last call failed by its own doing, and it has answered none since."""
    engaged_in: str | None = None
    """The session in which a higher level calls it."""
    engaged_level: int = 0
    """The level of that call."""

    def idle_state(self) -> PointState:
        """Give the state of the point outside of a call."""
        if self.is_live and self.engaged_in is not None:
            return PointState.ENGAGED
        if self.is_live:
            return PointState.MISSED if self.has_missed else PointState.READY
        return PointState.MISSED_OFFLINE if self.has_missed else PointState.OFFLINE


class PointStates:
    """The state of every point in directory order: four bits each, high nibble first, with the changes since the last drain.

    Setting a state and reading one are O(1); the frame is a copy of (n + 1) // 2 bytes; pending changes are at most one a point.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.version = 0
        """Number of changes so far; the same after a replay."""
        self._packed = bytearray((count + 1) // 2)
        self._changed: dict[int, int] = {}

    def __getitem__(self, index: int) -> PointState:
        packed = self._packed[index >> 1]
        return PointState(packed & 15 if index & 1 else packed >> 4)

    def set(self, index: int, state: PointState) -> None:
        """Set the state of the point at ``index``; setting what it already is is no change."""
        packed = self._packed[index >> 1]
        old = packed & 15 if index & 1 else packed >> 4
        if old == state:
            return
        self._packed[index >> 1] = (packed & 0xF0) | state if index & 1 else (packed & 0x0F) | (state << 4)
        self.version += 1
        self._changed[index] = int(state)

    def frame(self) -> bytes:
        """Give all states: one nibble a point, high nibble first, a zero nibble at the end when the count is odd."""
        return bytes(self._packed)

    def drain_changes(self) -> list[tuple[int, int]]:
        """Give ``(index, state)`` of every point that changed since the last drain, the latest state only, and forget them."""
        changed = list(self._changed.items())
        self._changed.clear()
        return changed
