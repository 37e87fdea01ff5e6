"""What can be asked about talkback."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartTalkback:
    """Speak to the point of an answered call, heard by nobody else; said again while it lasts, renew it."""

    call: str
    by: str


@dataclass(frozen=True, slots=True)
class StopTalkback:
    """Speak no more. Where this talker does not speak, nothing changes."""

    call: str
    by: str


TalkbackCommand = StartTalkback | StopTalkback
