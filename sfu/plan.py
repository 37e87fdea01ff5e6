"""The forwarding plan of a session: for each slot the feeds that may fill it, in order.

Every viewer gets the first feed of the list that is live and not its own: so a point on air sees the center where all others
see the point, nobody hears itself, and a source that fails gives way at once without anybody being asked. A viewer whose owner
has slots of its own (``private``) gets these instead: that is how somebody speaks to one point alone. The plan is written to
Redis by the session's owner; a node reconciles what it forwards with it.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from sfu.ids import FeedId, SessionId, SlotName

SLOTS_MAX = 32
FEEDS_PER_SLOT_MAX = 16
PRIVATE_MAX = 16
"""Owners with slots of their own: one for each call in progress, of which there are four."""
Slots = Mapping[SlotName, tuple[FeedId, ...]]
BESIDE: Mapping[SlotName, SlotName] = {SlotName("inset"): SlotName("main")}
"""Slots that never repeat another one: with two points on air, each sees the other in ``main`` and the center in ``inset``."""


class PlanError(ValueError):
    """A plan that cannot be read; the node keeps the one it has."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What fills the slots of one session; a higher version supersedes a lower one.

    ``recording``: None where nothing is recorded; else the call in each monitor slot, whose picture and sound have a file each,
    and the name of who is called.
    """

    session: SessionId
    version: int = 0
    slots: Slots = field(default_factory=dict)
    private: Mapping[FeedId, Slots] = field(default_factory=dict)
    """By the feed of a viewer's owner: what its viewers get in these slots instead."""
    recording: Mapping[SlotName, tuple[str, str]] | None = None

    def feeds_of(self, slot: SlotName, owner: FeedId | None) -> tuple[FeedId, ...]:
        """The feeds that may fill a slot of a viewer owned by ``owner``, in order."""
        if owner is not None and self.private and slot in self.private.get(owner, ()):
            return self.private[owner][slot]
        return self.slots.get(slot, ())

    def feed_for(self, slot: SlotName, owner: FeedId | None, live: Container[FeedId]) -> FeedId | None:
        """The feed that a viewer owned by ``owner`` gets in ``slot``; never the one it has in the slot beside it."""
        beside = BESIDE.get(slot)
        shown = None if beside is None else self.feed_for(beside, owner, live)
        return next((feed for feed in self.feeds_of(slot, owner) if feed not in {owner, shown} and feed in live), None)

    def owners_of(self, slot: SlotName, feed: FeedId) -> list[FeedId]:
        """Whose own slot may show something else when ``feed`` begins or fails."""
        return [owner for owner, slots in self.private.items() if feed in slots.get(slot, ())]

    def depends_on(self, slot: SlotName, feed: FeedId) -> bool:
        """Whether what ``slot`` shows to everybody may change when ``feed`` begins or fails."""
        beside = BESIDE.get(slot)
        return feed in self.slots.get(slot, ()) or (beside is not None and feed in self.slots.get(beside, ()))


def parse_plan(text: str | bytes) -> Plan:
    """Reads a plan from its JSON.

    Raises:
        PlanError: not JSON, or not of the form ``{"session", "version", "slots": {slot: [feed…]}, "private": {owner: {slot:
            [feed…]}}}``, of which ``private`` may be left out; and ``"recording": {slot: [call, name]}`` where
            it is recorded.
    """
    try:
        data = json.loads(text)
        session, version, slots = data["session"], data["version"], data["slots"]
        if not isinstance(session, str) or not isinstance(version, int):
            raise PlanError("a plan names a session (text) and a version (number)")
        private = data.get("private", {})
        if not isinstance(private, dict) or len(private) > PRIVATE_MAX:
            raise PlanError(f"a plan has slots of their own for up to {PRIVATE_MAX} owners")
        read = _slots(slots)
        own = {FeedId(owner): _slots(of_owner) for owner, of_owner in private.items()}
        recording = _calls(data.get("recording"))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, PlanError):
            raise
        raise PlanError(f"not a plan: {type(error).__name__}") from error
    return Plan(SessionId(session), version, read, own, recording)


def _slots(slots: object) -> dict[SlotName, tuple[FeedId, ...]]:
    if not isinstance(slots, dict) or len(slots) > SLOTS_MAX:
        raise PlanError(f"a plan names up to {SLOTS_MAX} slots")
    read: dict[SlotName, tuple[FeedId, ...]] = {}
    for slot, feeds in slots.items():
        if not isinstance(feeds, list) or len(feeds) > FEEDS_PER_SLOT_MAX or not all(isinstance(f, str) for f in feeds):
            raise PlanError(f"slot {slot!r} of a plan lists up to {FEEDS_PER_SLOT_MAX} feeds by name")
        read[SlotName(slot)] = tuple(FeedId(feed) for feed in feeds)
    return read


def _calls(data: object) -> dict[SlotName, tuple[str, str]] | None:
    if data is None:
        return None
    if not isinstance(data, dict) or len(data) > SLOTS_MAX:
        raise PlanError("what is recorded names a call for each of up to 32 slots")
    read: dict[SlotName, tuple[str, str]] = {}
    for slot, named in data.items():
        match named:
            case [str(call), str(name)]:
                read[SlotName(slot)] = (call, name)
            case _:
                raise PlanError(f"slot {slot!r} of what is recorded names a call and who is called")
    return read
