"""What can be asked about the agenda of speakers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """One speaker to come. ``item`` names an item that is there already and keeps what became of it; empty for a new one."""

    point: str
    subject: str
    duration_ms: int = 0
    item: str = ""


@dataclass(frozen=True, slots=True)
class SetAgenda:
    """The agenda is to be this, in this order, instead of what it was; before the session opens or while it is open."""

    items: tuple[AgendaEntry, ...]
    by: str


@dataclass(frozen=True, slots=True)
class NextSpeaker:
    """Give the floor to the next item that has not spoken; ``level`` is the caller's."""

    by: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class SkipSpeaker:
    """Pass over an item that has not spoken."""

    item: str
    by: str


AgendaCommand = SetAgenda | NextSpeaker | SkipSpeaker
