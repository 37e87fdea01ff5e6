"""What happened in talkback. A talk also ends with its call, of which the call's own event speaks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TalkbackStarted:
    """Somebody speaks to the point of a call, until ``deadline`` unless that is renewed."""

    at: int
    call: str
    by: str
    deadline: int


@dataclass(frozen=True, slots=True)
class TalkbackRenewed:
    """The talk goes on until this deadline."""

    at: int
    call: str
    deadline: int


@dataclass(frozen=True, slots=True)
class TalkbackStopped:
    """The talk is over. ``by`` is "clock" when nobody renewed it."""

    at: int
    call: str
    by: str


TalkbackEvent = TalkbackStarted | TalkbackRenewed | TalkbackStopped
