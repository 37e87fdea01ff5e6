"""What is asked about directives, as events; and what their deadlines cause. Nothing in here changes anything."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import directive_commands as commands
from bridge import directive_errors as errors
from bridge import directive_events as events
from bridge.asking import PERSON_MAX_CHARS, outermost, points_asked
from bridge.directives import (
    MAX_AHEAD_MS,
    MAX_DIRECTIVE_UNITS,
    MIN_AHEAD_MS,
    TEXT_MAX_CHARS,
    TITLE_MAX_CHARS,
    Directive,
    DirectiveState,
)
from bridge.errors import name_missing, session_state
from bridge.events import Event
from bridge.machine import SessionState
from bridge.state import State
from bridge.words import clip, clip_lines


def issue_directive(state: State, command: commands.IssueDirective, now: int) -> list[Event]:
    """Give a directive to every point of some units."""
    if state.session.state is not SessionState.OPEN:
        raise session_state(state.session.state)
    title, text = clip(command.title, TITLE_MAX_CHARS + 1), clip_lines(command.text, TEXT_MAX_CHARS + 1)
    if not 1 <= len(title) <= TITLE_MAX_CHARS or not 1 <= len(text) <= TEXT_MAX_CHARS:
        raise errors.directive_text(TITLE_MAX_CHARS, TEXT_MAX_CHARS)
    if not MIN_AHEAD_MS <= command.deadline - now <= MAX_AHEAD_MS:
        raise errors.directive_deadline()
    if len(command.units) > MAX_DIRECTIVE_UNITS:
        raise errors.directive_units(MAX_DIRECTIVE_UNITS)
    for unit in command.units:
        state.directory.unit(unit)
    units = outermost(state.directory, command.units)
    points = points_asked(state.directory, units)
    if not points:
        raise errors.directive_nobody()
    if not state.directives.has_room(len(points)):
        raise errors.directives_full()
    directive, session = state.new_id("d", state.directives.issued), clip(command.session, 32)
    return [
        events.DirectiveIssued(now, directive, title, text, units, points, command.deadline, session, clip(command.by)),
    ]


def acknowledge_directive(state: State, command: commands.AcknowledgeDirective, now: int) -> list[Event]:
    """Take an acknowledgement: in time, late, or for the second time, which changes nothing."""
    directive = state.directive(command.directive)
    if command.point not in directive.points:
        raise errors.not_addressed(state.directory.point(command.point).name)
    if command.point in directive.confirmed:
        return []
    if directive.state is DirectiveState.WITHDRAWN:
        raise errors.directive_withdrawn()
    if state.session.state is not SessionState.OPEN:
        raise session_state(state.session.state)
    name, function = clip(command.name, PERSON_MAX_CHARS), clip(command.function, PERSON_MAX_CHARS)
    if not name:
        raise name_missing()
    # One that overtakes the timer of the deadline is late all the same.
    return [*_due(directive, now), events.DirectiveAcknowledged(now, directive.id, command.point, name, function)]


def withdraw_directive(state: State, command: commands.WithdrawDirective, now: int) -> list[Event]:
    """Take a directive back."""
    directive = state.directive(command.directive)
    if directive.state is DirectiveState.WITHDRAWN:
        raise errors.directive_withdrawn()
    return [*_due(directive, now), events.DirectiveWithdrawn(now, directive.id, clip(command.by))]


def directives_due(state: State, now: int) -> list[Event]:
    """Note the deadlines that have passed; a session that is over has no clocks."""
    if state.session.state is not SessionState.OPEN:
        return []
    return [event for directive in state.directives.running.values() for event in _due(directive, now)]


def directives_next_due(state: State) -> int | None:
    """Give the earliest deadline of those that run."""
    if state.session.state is not SessionState.OPEN:
        return None
    return min((directive.deadline for directive in state.directives.running.values()), default=None)


def _due(directive: Directive, now: int) -> list[Event]:
    is_due = directive.state is DirectiveState.RUNNING and directive.deadline <= now
    return [events.DirectiveDue(now, directive.id)] if is_due else []


DECISIONS: Final[Mapping[type, Callable[[State, Any, int], list[Event]]]] = {
    commands.IssueDirective: issue_directive,
    commands.AcknowledgeDirective: acknowledge_directive,
    commands.WithdrawDirective: withdraw_directive,
}
