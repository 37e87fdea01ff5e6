"""Lists of points that are called one after the other.

A list calls its first point when it starts; the next one when it is told to, or by itself when the call is over. A point that
cannot be called at all (it is in a call of the same level, say) is skipped, with the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bridge.errors import corrupt_record
from bridge.machine import advance

MAX_LIST_POINTS: Final = 100
MAX_RUNNING_LISTS: Final = 10
KEPT_LISTS: Final = 10
"""Lists that are over and stay in memory, the newest."""


class ListState(StrEnum):
    """The life of a list."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class ListInput(StrEnum):
    """What moves a list."""

    NEXT = "next"
    FINISH = "finish"
    STOP = "stop"


class ItemState(StrEnum):
    """What became of one point of a list."""

    WAITING = "waiting"
    CURRENT = "current"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class ItemInput(StrEnum):
    """What moves one point of a list."""

    CALL = "call"
    END = "end"
    FAIL = "fail"
    SKIP = "skip"


LIST_TABLE: Final[Mapping[ListState, Mapping[ListInput, ListState]]] = MappingProxyType(
    {
        ListState.RUNNING: {
            ListInput.NEXT: ListState.RUNNING,
            ListInput.FINISH: ListState.DONE,
            ListInput.STOP: ListState.STOPPED,
        },
        ListState.DONE: {},
        ListState.STOPPED: {},
    }
)

ITEM_TABLE: Final[Mapping[ItemState, Mapping[ItemInput, ItemState]]] = MappingProxyType(
    {
        ItemState.WAITING: {ItemInput.CALL: ItemState.CURRENT, ItemInput.SKIP: ItemState.SKIPPED},
        ItemState.CURRENT: {ItemInput.END: ItemState.DONE, ItemInput.FAIL: ItemState.FAILED},
        ItemState.DONE: {},
        ItemState.FAILED: {},
        ItemState.SKIPPED: {},
    }
)

LIST_ENDINGS: Final[Mapping[ListState, ListInput]] = MappingProxyType(
    {ListState.DONE: ListInput.FINISH, ListState.STOPPED: ListInput.STOP}
)


@dataclass(slots=True)
class Item:
    """One point of a list."""

    point: str
    state: ItemState = ItemState.WAITING
    call: str = ""
    reason: str = ""
    """The code of the refusal, when it was skipped."""


@dataclass(slots=True)
class CallList:
    """One list. Only applied events change it."""

    id: str
    items: list[Item]
    is_auto: bool
    by: str
    level: int
    started_at: int
    state: ListState = ListState.RUNNING
    wants_next: bool = True
    """Whether the next point is to be called as soon as that is possible."""
    current: int | None = None
    ended_at: int | None = None
    ended_by: str = ""

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.state is ListState.RUNNING

    @property
    def points(self) -> tuple[str, ...]:
        """The points, in order."""
        return tuple(item.point for item in self.items)

    def next_place(self) -> int | None:
        """Give the place of the next point; None after the last."""
        return next((place for place, item in enumerate(self.items) if item.state is ItemState.WAITING), None)

    def move(self, place: int, move: ItemInput) -> Item:
        """Move one point of the list, or raise, having changed nothing."""
        if not 0 <= place < len(self.items):
            raise corrupt_record(f"{self.id} has no place {place}")
        item = self.items[place]
        item.state = advance(ITEM_TABLE, item.state, move)
        return item

    def call_over(self, call: str, *, failed: bool) -> None:
        """Note that a call is over; the list goes on by itself where it is to."""
        if self.current is None or self.items[self.current].call != call:
            return
        self.move(self.current, ItemInput.FAIL if failed else ItemInput.END)
        self.current, self.wants_next = None, self.is_auto and self.is_running
