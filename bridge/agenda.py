"""The agenda: who is to speak, in which order, about what and for how long, prepared in advance.

An item follows the floor. Giving the floor to its point *calls* it, whether the operator said "next" or gave the floor by hand;
it is *speaking* while its point has the floor on air and *done* when that ends. One that could not be reached is *missed* and has
a second try when the others have spoken; one that is *skipped* speaks only when the floor is given to it by hand.

Time is counted in milliseconds on air: of each item, and of each point whether it is on the agenda or not.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bridge.errors import corrupt_record
from bridge.machine import advance, may_advance

MAX_ITEMS: Final = 100


class ItemState(StrEnum):
    """The life of an item of the agenda."""

    WAITING = "waiting"
    CALLED = "called"
    SPEAKING = "speaking"
    DONE = "done"
    MISSED = "missed"
    SKIPPED = "skipped"


class ItemInput(StrEnum):
    """What moves an item."""

    CALL = "call"
    START = "start"
    FINISH = "finish"
    MISS = "miss"
    SKIP = "skip"


ITEM_TABLE: Final[Mapping[ItemState, Mapping[ItemInput, ItemState]]] = MappingProxyType(
    {
        ItemState.WAITING: {
            ItemInput.CALL: ItemState.CALLED,
            ItemInput.MISS: ItemState.MISSED,
            ItemInput.SKIP: ItemState.SKIPPED,
        },
        ItemState.CALLED: {ItemInput.START: ItemState.SPEAKING, ItemInput.MISS: ItemState.MISSED},
        ItemState.SPEAKING: {ItemInput.FINISH: ItemState.DONE},
        ItemState.DONE: {},
        ItemState.MISSED: {
            ItemInput.CALL: ItemState.CALLED,
            ItemInput.MISS: ItemState.MISSED,
            ItemInput.SKIP: ItemState.SKIPPED,
        },
        ItemState.SKIPPED: {ItemInput.CALL: ItemState.CALLED},
    }
)

_BY_HAND: Final = (ItemState.WAITING, ItemState.MISSED, ItemState.SKIPPED)
"""Which item of a point it is that is given the floor by hand: the first that waits, else missed, else skipped."""


@dataclass(slots=True)
class Item:
    """One item. Only applied events change it."""

    id: str
    point: str
    subject: str
    duration_ms: int
    state: ItemState = ItemState.WAITING
    tries: int = 0
    """How often it was called."""
    called_at: int | None = None
    started_at: int | None = None
    ended_at: int | None = None
    spoken_ms: int = 0


class Agenda:
    """The items of a session in order, and the time that each point has spoken."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.made = 0
        """Number of items so far."""
        self.current: Item | None = None
        """The item whose point has the floor."""
        self.spoken_ms: dict[str, int] = {}
        """Time on air with the floor, by point."""
        self._picked: str | None = None
        self._since: int | None = None

    def next_up(self) -> Item | None:
        """Give the item that is next: the first that waits, else of the missed the one with the fewest tries."""
        waiting = next((item for item in self.items.values() if item.state is ItemState.WAITING), None)
        missed = [item for item in self.items.values() if item.state is ItemState.MISSED]
        return waiting or min(missed, key=lambda item: item.tries, default=None)

    def set_items(self, items: list[Item]) -> None:
        """Replace what there was; items with an id that is there keep what became of them."""
        kept = {item.id: self.items.get(item.id, item) for item in items}
        if len(kept) != len(items) or (self.current is not None and self.current.id not in kept):
            raise corrupt_record("an agenda lost the item that has the floor, or has one twice")
        if any(kept[item.id].point != item.point for item in items):
            raise corrupt_record("an item of the agenda went to another point")
        self.made += sum(item.id not in self.items for item in items)
        for item in items:
            kept[item.id].subject, kept[item.id].duration_ms = item.subject, item.duration_ms
        self.items = kept

    def pick(self, item_id: str) -> None:
        """The floor is about to be given to this item."""
        if not may_advance(ITEM_TABLE, self._item(item_id).state, ItemInput.CALL):
            raise corrupt_record(f"{item_id} cannot be called")
        self._picked = item_id

    def move(self, item_id: str, move: ItemInput) -> None:
        """Move an item by itself: missed without having had the floor, or skipped."""
        item = self._item(item_id)
        item.state = advance(ITEM_TABLE, item.state, move)
        if move is ItemInput.MISS:
            item.tries += 1

    def floor_given(self, point: str, at: int) -> None:
        """A point was given the floor: its item, if it has one, is called."""
        picked, self._picked = self.items.get(self._picked or ""), None
        item = picked if picked is not None and picked.point == point else self._by_hand(point)
        self.current = item
        if item is not None:
            item.state = advance(ITEM_TABLE, item.state, ItemInput.CALL)
            item.called_at, item.tries = at, item.tries + 1

    def floor_started(self, at: int) -> None:
        """Whoever has the floor is on air."""
        self._since = at
        if self.current is not None:
            self.current.state = advance(ITEM_TABLE, self.current.state, ItemInput.START)
            self.current.started_at = at

    def floor_left(self, point: str, at: int) -> None:
        """The point has the floor no more, having spoken or not."""
        item, since = self.current, self._since
        self.current = self._since = None
        if since is not None:
            time_ms = max(0, at - since)
            self.spoken_ms[point] = self.spoken_ms.get(point, 0) + time_ms
        if item is None:
            return
        if item.state is ItemState.SPEAKING:
            item.state = advance(ITEM_TABLE, item.state, ItemInput.FINISH)
            item.ended_at, item.spoken_ms = at, max(0, at - (since or at))
        else:
            item.state = advance(ITEM_TABLE, item.state, ItemInput.MISS)

    def _item(self, item_id: str) -> Item:
        item = self.items.get(item_id)
        if item is None:
            raise corrupt_record(f"{item_id} is not on the agenda")
        return item

    def _by_hand(self, point: str) -> Item | None:
        own = [item for item in self.items.values() if item.point == point and item.state in _BY_HAND]
        return min(own, key=lambda item: _BY_HAND.index(item.state), default=None)

    def to_plain(self) -> dict[str, object]:
        """Give everything as plain data, to compare."""
        current = self.current.id if self.current else None
        items = [asdict(item) for item in self.items.values()]
        spoken = dict(sorted(self.spoken_ms.items()))
        return {"items": items, "current": current, "made": self.made, "spoken_ms": spoken, "since": self._since}
