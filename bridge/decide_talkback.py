"""What is asked about talkback, as events. Nothing in here changes anything."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import talkback_commands as commands
from bridge import talkback_events as events
from bridge.events import Event
from bridge.machine import OVER, CallState
from bridge.state import State
from bridge.talkback import RENEW_EVERY_MS, TALK_MS
from bridge.talkback_errors import talkback_state, talkback_taken
from bridge.words import clip

UNANSWERED: Final = frozenset({CallState.QUEUED, CallState.RINGING, CallState.DELIVERED})
CLOCK: Final = "clock"


def start_talkback(state: State, command: commands.StartTalkback, now: int) -> list[Event]:
    """Begin to speak to a point, or go on; whoever spoke to another one stops speaking there.

    Raises:
        BridgeError: ``unknown_call``; ``talkback_state`` unless the call was answered and goes on; ``talkback_taken``.
    """
    call = state.call(command.call)
    if call.state in OVER or call.state in UNANSWERED:
        raise talkback_state(call.point_name)
    by, running = clip(command.by), state.talks.get(call.id)
    if running is not None and running.by != by:
        raise talkback_taken(call.point_name, running.by)
    if running is not None:
        is_early = running.deadline - now > TALK_MS - RENEW_EVERY_MS
        return [] if is_early else [events.TalkbackRenewed(now, call.id, now + TALK_MS)]
    elsewhere = [talk.call for talk in state.talks.values() if talk.by == by]
    stopped = (events.TalkbackStopped(now, other, by) for other in elsewhere)
    return [*stopped, events.TalkbackStarted(now, call.id, by, now + TALK_MS)]


def stop_talkback(state: State, command: commands.StopTalkback, now: int) -> list[Event]:
    """Speak no more; nothing where this talker does not speak, or the call is forgotten."""
    talk, by = state.talks.get(command.call), clip(command.by)
    return [events.TalkbackStopped(now, talk.call, by)] if talk is not None and talk.by == by else []


def talks_due(state: State, now: int) -> list[Event]:
    """Give the ends of the talks that nobody renewed."""
    return [events.TalkbackStopped(now, talk.call, CLOCK) for talk in state.talks.values() if talk.deadline <= now]


def talks_next_due(state: State) -> int | None:
    """Give when the first talk ends unless it is renewed."""
    return min((talk.deadline for talk in state.talks.values()), default=None)


DECISIONS: Final[Mapping[type, Callable[[State, Any, int], list[Event]]]] = {
    commands.StartTalkback: start_talkback,
    commands.StopTalkback: stop_talkback,
}
