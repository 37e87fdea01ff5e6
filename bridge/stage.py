"""What goes where: the forwarding plan of a session.

A slot is something a viewer has negotiated; its feeds are in order of preference, and every viewer gets the first one that is
live and not its own. So a point on air sees the center (or the other guest) in ``main`` where everybody else sees the point,
and when a picture fails the next in line steps in without anyone deciding anything. ``inset`` skips what its viewer has in
``main``.

The plan is computed from the calls; it has no state of its own but its version, the number of times it has changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge.calls import Call
from bridge.ids import CENTER_FEED, point_feed
from bridge.machine import CallState, SessionState
from bridge.rules import GUEST_SLOTS, MONITOR_SLOTS

if TYPE_CHECKING:
    from bridge.bridge import Bridge

Slots = Mapping[str, tuple[str, ...]]
Recording = Mapping[str, tuple[str, str]]
"""Which call each monitor slot shows, and the name of who is called: each has a file of its own while the session is recorded."""

GUEST_NAMES: Final = tuple(f"guest{number}" for number in range(1, GUEST_SLOTS + 1))
MONITOR_NAMES: Final = tuple(f"monitor{number}" for number in range(1, MONITOR_SLOTS + 1))
SLOT_NAMES: Final = ("main", "inset", "center", *GUEST_NAMES, *MONITOR_NAMES)
"""Every slot of a plan, in the order plans list them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which feeds feed which slot; ``version`` grows by one with every change, and is the same after a replay.

    ``recording`` is None while the session is not recorded.
    """

    session: str
    version: int
    slots: Slots
    recording: "Recording | None" = None

    def to_dict(self) -> dict[str, object]:
        """Give the JSON form that nodes read."""
        recorded = {} if self.recording is None else {"recording": {slot: list(call) for slot, call in self.recording.items()}}
        slots = {name: list(feeds) for name, feeds in self.slots.items()}
        return {"session": self.session, "version": self.version, "slots": slots, **recorded}


def slots_of(session: SessionState, active: Iterable[Call], on_air: Sequence[str]) -> Slots:
    """Compute the slots.

    Args:
        session: a session that is not open sends nothing to anybody.
        active: the calls in progress; each has its monitor from ringing on, so that its picture shows with its first key frame.
        on_air: ids of the calls on air, in the order of their taking; the newest is the main picture.
    """
    slots: dict[str, tuple[str, ...]] = dict.fromkeys(SLOT_NAMES, ())
    if session is not SessionState.OPEN:
        return slots
    calls = {call.id: call for call in active}
    guests = [calls[call] for call in reversed(on_air) if call in calls]
    pictures = (*(point_feed(call.point) for call in guests), CENTER_FEED)
    slots["main"], slots["inset"], slots["center"] = pictures, pictures[1:], (CENTER_FEED,)
    for call in guests:
        slots[f"guest{call.guest}"] = (point_feed(call.point),)
    for call in calls.values():
        if call.monitor is not None and call.state is not CallState.QUEUED:
            slots[f"monitor{call.monitor}"] = (point_feed(call.point),)
    return slots


def recording_of(active: Iterable[Call]) -> Recording:
    """What is recorded beside the programme: every call that has a monitor."""
    return {
        f"monitor{call.monitor}": (call.id, call.point_name)
        for call in active
        if call.monitor is not None and call.state is not CallState.QUEUED
    }


def plan_of(bridge: "Bridge") -> Plan:
    """Give the present forwarding plan of a session."""
    return bridge.state.plan()
