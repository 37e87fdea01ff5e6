"""Talkback: somebody at a console speaks to one point of a running call, and nobody else hears it.

The voice is a feed of its own, ``talk:<subject>``, which its publisher sends whenever it likes: it is heard only where the plan
has it, in a guest slot of that one point's own viewer, and only while a talk runs here (`bridge.stage`). A talk ends with its
call, when it is not renewed, and when its talker begins to speak to another point: one voice, one listener.
"""

from dataclasses import dataclass
from typing import Final

TALK_MS: Final = 120_000
"""How long a talk goes on without being renewed: a key that is held is renewed, one whose page was lost is not."""
RENEW_EVERY_MS: Final = 20_000
"""A renewal sooner than this after the last one changes nothing, so that it is not written either."""


@dataclass(slots=True)
class Talk:
    """Somebody speaks to the point of a call. Times are milliseconds since the Unix epoch."""

    call: str
    by: str
    started_at: int
    deadline: int
    """When it ends unless it is renewed."""
