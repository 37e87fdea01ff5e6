"""Which source each leg of a session follows: the plan, applied to who is there.

A change of the plan, a feed that begins or fails, a viewer that joins: each ends in :meth:`SessionRoutes.reconcile`, which
compares what every leg should follow with what it does. A picture changes at the new source's next key frame, and stays on the
old one until then; sound changes with the next packet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sfu.dispatch import Dispatcher
from sfu.ids import FeedId, Kind, SessionId, SlotName
from sfu.legs import Leg
from sfu.plan import BESIDE, Plan
from sfu.selector import Level, nearest
from sfu.source import Source

BURST_PACKETS_PER_S = 20_000
"""Packets a second for newcomers that start from a cached key frame, over the whole node; beyond that they wait for the
next key frame, which all of them share. Some 400 joins a second, the most that are let in, at 45 packets each: a fiftieth of
what 9,811 viewers of 100 packets a second are sent anyway. With a quarter of it, most of such a storm waits, 0.25 s in the mean
instead of 0.03 s, and the key frames asked for are as many (`tests/sfu/test_storm.py`)."""

KINDS: tuple[Kind, ...] = ("audio", "video")

Layers = tuple[tuple[Level, Source], ...]
"""What flows of a feed's picture, the best layer first. Sound, and a picture without layers, is one of level ``FULL``."""


class BurstBudget:
    """A token bucket of packets for newcomers' bursts, holding one second's worth."""

    def __init__(self, packets_per_s: int = BURST_PACKETS_PER_S) -> None:
        self._rate = packets_per_s
        self._tokens = float(packets_per_s)
        self._at: float | None = None

    def take(self, packets: int, now: float) -> bool:
        """Whether a burst of so many packets may be sent now; if so it is counted."""
        if self._at is not None:
            self._tokens = min(float(self._rate), self._tokens + (now - self._at) * self._rate)
        self._at = now
        if packets > self._tokens:
            return False
        self._tokens -= packets
        return True


class SessionRoutes:
    """The legs and feeds of one session."""

    def __init__(self, session: SessionId, dispatcher: Dispatcher, bursts: BurstBudget) -> None:
        self.plan = Plan(session, version=-1)
        self._dispatcher = dispatcher
        self._bursts = bursts
        self._legs: dict[tuple[Kind, SlotName], dict[Leg, None]] = {}
        self._layers: dict[tuple[FeedId, Kind], Layers] = {}
        self._levels: dict[Leg, Level] = {}
        """Of the legs that shall not have the best layer; all others are not in it."""
        self._live: dict[Kind, set[FeedId]] = {"audio": set(), "video": set()}
        self.cached_starts = 0
        self._shown: Mapping[SlotName, FeedId | None] = {}
        self.was_recorded = False
        """Whether the recorder was told to record it, and not yet to stop."""

    @property
    def live(self) -> Mapping[Kind, set[FeedId]]:
        """The feeds that flow, by kind."""
        return self._live

    @property
    def is_empty(self) -> bool:
        """Whether nobody watches and nobody sends."""
        return not self._layers and not any(self._legs.values())

    def set_plan(self, plan: Plan, now: float) -> bool:
        """Applies a newer plan; returns False for one that is not newer."""
        if plan.version <= self.plan.version:
            return False
        before, self.plan = self.plan, plan
        self._record()
        changed = {slot for slot in {*before.slots, *plan.slots} if before.slots.get(slot) != plan.slots.get(slot)}
        self.reconcile((key for key in self._legs if key[1] in changed or BESIDE.get(key[1]) in changed), now)
        self._reconcile_own(before, plan, changed, now)
        return True

    def _reconcile_own(self, before: Plan, after: Plan, done: set[SlotName], now: float) -> None:
        """Brings the legs to what their owners' own slots have now, but for the slots that are done for everybody."""
        for owner in {*before.private, *after.private}:
            old, new = before.private.get(owner, {}), after.private.get(owner, {})
            changed = {slot for slot in {*old, *new} if old.get(slot) != new.get(slot)}
            for slot in {*changed, *(slot for slot, beside in BESIDE.items() if beside in changed)} - done:
                for kind in KINDS:
                    self._assign_own(kind, slot, owner, now)

    def _assign_own(self, kind: Kind, slot: SlotName, owner: FeedId, now: float) -> None:
        for leg in [leg for leg in self._legs.get((kind, slot), ()) if leg.owner == owner]:
            self._assign(leg, now)

    def set_source(self, feed: FeedId, kind: Kind, source: Source | None, now: float) -> None:
        """Says what carries a feed's sound or picture now, where it has no layers; None when nothing does."""
        self.set_layers(feed, kind, () if source is None else ((Level.FULL, source),), now)

    def set_layers(self, feed: FeedId, kind: Kind, layers: Layers, now: float) -> None:
        """Says which layers carry a feed now; none when it does not flow. Who followed a layer that is gone follows the next."""
        if layers:
            self._layers[feed, kind] = layers
            self._live[kind].add(feed)
            levels = tuple(level for level, _ in layers)
            for _, source in layers:
                source.levels = levels
        else:
            self._layers.pop((feed, kind), None)
            self._live[kind].discard(feed)
        self._record()
        self.reconcile((key for key in self._legs if key[0] == kind and self.plan.depends_on(key[1], feed)), now)
        for slot in {slot for slots in self.plan.private.values() for slot in slots}:
            for owner in self.plan.owners_of(slot, feed):
                self._assign_own(kind, slot, owner, now)

    def recorded_pictures(self) -> list[Source]:
        """Pictures that the recorder follows: the best layer of each feed in the plan."""
        if self.plan.recording is None:
            return []
        feeds = {feed for feeds in self.plan.slots.values() for feed in feeds}
        return [layers[0][1] for (feed, kind), layers in self._layers.items() if kind == "video" and feed in feeds]

    def _record(self) -> None:
        """Lets the recorder follow the best layer of every feed in the plan while the session is recorded, and no other source.

        A picture that comes first in a slot anew is asked for a key frame, as it is for viewers: there may be none.
        """
        if self.plan.recording is None and not self.was_recorded:
            return
        is_recorded = self.plan.recording is not None
        feeds = {feed for feeds in self.plan.slots.values() for feed in feeds} if is_recorded else set()
        live = self._live["video"]
        shown = {slot: next((feed for feed in feeds if feed in live), None) for slot, feeds in self.plan.slots.items()}
        new = {feed for slot, feed in shown.items() if feed != self._shown.get(slot)}
        for (feed, kind), layers in self._layers.items():
            for place, (_, source) in enumerate(layers):
                is_followed = place == 0 and feed in feeds
                is_new = is_followed and source.recorded_as is None
                source.recorded_as = (self.plan.session, feed) if is_followed else None
                if kind == "video" and is_followed and (is_new or feed in new):
                    source.requests.want()
        self._shown = shown if is_recorded else {}
        if self._dispatcher.record_news is not None:
            self._dispatcher.record_news(self)

    def set_level(self, legs: Iterable[Leg], level: Level, now: float, *, is_cut: bool = False) -> None:
        """Gives the pictures among one viewer's legs another layer, at that layer's next key frame; none for ``SOUND``.

        ``is_cut``: the layer before ends now, for the line has no room for it until then.
        """
        for leg in legs:
            if leg.kind == "video" and leg in self._legs.get((leg.kind, leg.slot), ()):
                self._keep_level(leg, level)
                if is_cut:
                    self._release(leg, now)
                    self._wait(leg)
                else:
                    self._assign(leg, now)

    def _wait(self, leg: Leg) -> None:
        """Lets a leg that follows nothing begin with the next key frame of what it shall follow: not with the cached one, from
        where it would be a second behind its sound."""
        wanted = self._wanted(leg)
        if wanted is not None:
            wanted.wait(leg)

    def source(self, feed: FeedId, kind: Kind) -> Source | None:
        """What carries a feed now; of several layers the best."""
        layers = self._layers.get((feed, kind))
        return layers[0][1] if layers else None

    def layers(self, feed: FeedId, kind: Kind) -> Layers:
        """The layers of a feed that flow now."""
        return self._layers.get((feed, kind), ())

    def add(self, leg: Leg, now: float, level: Level = Level.FULL) -> None:
        """Takes a leg that can be sent to: a newcomer's, or one that another session's routes let go."""
        self._legs.setdefault((leg.kind, leg.slot), {})[leg] = None
        self._keep_level(leg, level)
        self._assign(leg, now)

    def _keep_level(self, leg: Leg, level: Level) -> None:
        if level is Level.FULL or leg.kind == "audio":
            self._levels.pop(leg, None)
        else:
            self._levels[leg] = level

    def remove(self, leg: Leg, now: float) -> None:
        """Forgets a leg whose viewer is gone."""
        leg.close()
        self.let_go(leg)
        self._release(leg, now)

    def let_go(self, leg: Leg) -> Level:
        """Forgets a leg that goes to another session. What feeds it feeds it on: give it, with the level that is returned, to the
        other session's :meth:`add`, which changes that by the ordinary rule."""
        slot = self._legs.get((leg.kind, leg.slot), {})
        slot.pop(leg, None)
        if not slot:
            self._legs.pop((leg.kind, leg.slot), None)
        return self._levels.pop(leg, Level.FULL)

    def reconcile(self, keys: Iterable[tuple[Kind, SlotName]], now: float) -> None:
        """Brings all legs of these slots to the feed that the plan has for them."""
        for key in list(keys):
            for leg in list(self._legs[key]):
                self._assign(leg, now)

    def _assign(self, leg: Leg, now: float) -> None:
        wanted = self._wanted(leg)
        if wanted is None:
            self._release(leg, now)
            return
        if leg.pending is not None and leg.pending is not wanted:
            leg.pending.pending.pop(leg, None)
            leg.pending = None
        if wanted is leg.source or wanted is leg.pending:
            return
        if leg.source is None and wanted.kind == "video" and self._start_from_cache(leg, wanted, now):
            return
        wanted.wait(leg)

    def _wanted(self, leg: Leg) -> Source | None:
        """What the leg shall follow: of the feed that the plan has for it the layer of its level."""
        feed = self.plan.feed_for(leg.slot, leg.owner, self._live[leg.kind])
        level = self._levels.get(leg, Level.FULL)
        if feed is None or level is Level.SOUND:
            return None
        layers = self._layers[feed, leg.kind]
        source = layers[0][1]
        if level is not Level.FULL:
            chosen = nearest(level, [at for at, _ in layers])
            source = next(one for at, one in layers if at is chosen)
        return source if source.codec in leg.profiles else None

    def _release(self, leg: Leg, now: float) -> None:
        if leg.pending is not None:
            leg.pending.pending.pop(leg, None)
            leg.pending = None
        if leg.source is not None:
            if leg.is_open:
                self._dispatcher.settle(leg.source)
            leg.source.remove(leg)
            leg.detach(now)

    def _start_from_cache(self, leg: Leg, source: Source, now: float) -> bool:
        """Lets a newcomer begin with the cached key frame and what followed, when that is a short burst."""
        start = source.cache.start()
        first = None if start is None else source.history.get(start)
        if start is None or first is None or not self._bursts.take(source.forwarded_index - start + 1, now):
            return False
        source.join(leg, first, now)
        self._dispatcher.send_burst(source, start, leg)
        self.cached_starts += 1
        return True
