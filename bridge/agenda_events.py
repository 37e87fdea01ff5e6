"""What happened to the agenda of speakers. Who speaks, and for how long, is in the events of the floor."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgendaSet:
    """The agenda is this, in this order; an item that was there before keeps its id and what became of it.

    The four lists have one entry an item. A duration is milliseconds, 0 for the usual time.
    """

    at: int
    items: tuple[str, ...]
    points: tuple[str, ...]
    subjects: tuple[str, ...]
    durations_ms: tuple[int, ...]
    by: str


@dataclass(frozen=True, slots=True)
class AgendaItemCalled:
    """The next item is this: the floor is given to its point by the events right after."""

    at: int
    item: str
    by: str


@dataclass(frozen=True, slots=True)
class AgendaItemMissed:
    """The floor was to go to this item and its point could not even be called; the attempt is on record as a failed call."""

    at: int
    item: str
    by: str


@dataclass(frozen=True, slots=True)
class AgendaItemSkipped:
    """The item is passed over."""

    at: int
    item: str
    by: str


AgendaEvent = AgendaSet | AgendaItemCalled | AgendaItemMissed | AgendaItemSkipped
