"""What follows from the state alone, whoever caused it.

* An answered call is connected as soon as media flows that counts: video, or audio when the page has no camera.
* A connected call goes into preview by itself, where the rules say so.
* A connected call of which nothing flows is interrupted, and resumed when something flows again. A stopped picture with a living
  voice is no interruption: people go on talking.
* Those who were called together go on air when they are connected; a list of calls goes on to its next point; an escalation to
  its next step, or ends because somebody answered (`following_together`).
* Whoever was given the floor goes on air when its call is connected, and speaks from then on (`bridge.decide_floor`).
"""

from collections.abc import Callable, Sequence
from typing import Final

from bridge import events
from bridge.calls import Call
from bridge.decide_call_lists import call_lists_following
from bridge.decide_escalation import escalations_following
from bridge.decide_floor import floor_following
from bridge.decide_matters import together_following
from bridge.events import Event
from bridge.machine import CallState
from bridge.state import State

AUTO = "auto"


def following(state: State, now: int, reason: str = "") -> Event | None:
    """Give the next event that follows from the state, or None when it is at rest.

    The caller applies it and asks again. There are at most a handful of calls in progress, so that asking costs next to nothing.
    """
    for call in state.active.values():
        event = _of_call(state, call, now, reason)
        if event is not None:
            return event
    return floor_following(state, now)


def following_together(state: State, now: int) -> list[Event]:
    """Give what follows from the state beyond single calls, one thing at a time: its events belong together, in order."""
    for follows in FOLLOWING:
        happened = follows(state, now)
        if happened:
            return happened
    return []


FOLLOWING: Final[Sequence[Callable[[State, int], list[Event]]]] = (
    together_following,
    escalations_following,
    call_lists_following,
)


def _of_call(state: State, call: Call, now: int, reason: str) -> Event | None:
    flowing = state.media_of(call.point)
    if call.state is CallState.ANSWERED:
        if "video" in flowing:
            return events.CallConnected(now, call.id, "video")
        if "audio" in flowing and call.is_voice_only:
            return events.CallConnected(now, call.id, "audio")
        return None
    if call.state is CallState.CONNECTED and state.rules.auto_preview:
        return events.CallPreviewed(now, call.id, AUTO)
    if call.is_talking and not flowing and call.interrupted_at is None:
        return events.CallInterrupted(now, call.id, now + state.rules.reconnect_grace_ms, reason)
    if call.is_talking and flowing and call.interrupted_at is not None:
        return events.CallResumed(now, call.id, "video" if "video" in flowing else "audio")
    return None
