"""What goes where: the forwarding plan of a session.

A slot is something a viewer has negotiated; its feeds are in order of preference, and every viewer gets the first one that is
live and not its own. So a point on air sees the center (or the other guest) in ``main`` where everybody else sees the point,
and when a picture fails the next in line steps in without anyone deciding anything. ``inset`` skips what its viewer has in
``main``.

Whom somebody speaks to by talkback has *private* slots: its own viewer gets these feeds instead of the slot's, and nobody
else does. The voice is put where the point misses least: into a guest slot that says nothing to it, which on air is its own.
A point off air while both guests speak hears the talker instead of the guest who is not in the main picture; never instead of
the center.

The plan is computed from the calls; it has no state of its own but its version, the number of times it has changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bridge.calls import Call
from bridge.ids import CENTER_FEED, point_feed, talk_feed
from bridge.machine import CallState, SessionState
from bridge.rules import GUEST_SLOTS, MONITOR_SLOTS
from bridge.talkback import Talk

if TYPE_CHECKING:
    from bridge.bridge import Bridge

Slots = Mapping[str, tuple[str, ...]]
Recording = Mapping[str, tuple[str, str]]
"""Which call each monitor slot shows, and the name of who is called: each has a file of its own while the session is recorded."""
Private = Mapping[str, Slots]
"""By the feed of a viewer's owner: its own slots."""

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
    private: Private = field(default_factory=dict)
    recording: "Recording | None" = None

    def to_dict(self) -> dict[str, object]:
        """Give the JSON form that nodes read."""
        recorded = {} if self.recording is None else {"recording": {slot: list(call) for slot, call in self.recording.items()}}
        return {
            "session": self.session,
            "version": self.version,
            "slots": {name: list(feeds) for name, feeds in self.slots.items()},
            "private": {owner: {name: list(feeds) for name, feeds in slots.items()} for owner, slots in self.private.items()},
            **recorded,
        }


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


def private_of(active: Iterable[Call], talks: Mapping[str, Talk], slots: Slots) -> Private:
    """Compute what single viewers get instead of the slots: the voice of whoever speaks to them, above what is there anyway.

    Args:
        active: the calls in progress.
        talks: who speaks to the point of a call, by call.
        slots: everybody's slots.
    """
    private: dict[str, Slots] = {}
    for call in active:
        talk = talks.get(call.id)
        if talk is not None:
            slot = _talk_slot(call, slots)
            private[point_feed(call.point)] = {slot: (talk_feed(talk.by), *slots[slot])}
    return private


def _talk_slot(call: Call, slots: Slots) -> str:
    if call.guest is not None:  # its own voice, which it never gets
        return f"guest{call.guest}"
    free = [name for name in GUEST_NAMES if not slots[name]]
    if free:
        return free[-1]
    return next(name for name in GUEST_NAMES if slots[name][0] != slots["main"][0])


def plan_of(bridge: "Bridge") -> Plan:
    """Give the present forwarding plan of a session."""
    return bridge.state.plan()
