"""What directives add up to.

Each function adds one event to the state, or raises `BridgeError` and changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import directive_events as events
from bridge.directives import Directive
from bridge.errors import corrupt_record
from bridge.state import State


def _issued(state: State, event: events.DirectiveIssued) -> None:
    directive = Directive(
        event.directive,
        event.by,
        event.units,
        event.at,
        event.deadline,
        title=event.title,
        text=event.text,
        session=event.session,
    )
    directive.ask(event.points, (point for point in event.points if state.record(point).is_live), state.directory)
    state.directives.add(directive)


def _acknowledged(state: State, event: events.DirectiveAcknowledged) -> None:
    _known(state, event.directive).confirm(event.point, event.at, event.name, event.function, state.directory)


def _due(state: State, event: events.DirectiveDue) -> None:
    directive = _known(state, event.directive)
    directive.expire(event.at)
    state.directives.settle(directive)


def _withdrawn(state: State, event: events.DirectiveWithdrawn) -> None:
    directive = _known(state, event.directive)
    directive.withdraw(event.at, event.by)
    state.directives.settle(directive)


def _known(state: State, directive_id: str) -> Directive:
    directive = state.directives.kept.get(directive_id)
    if directive is None:
        raise corrupt_record(f"{directive_id} was never issued")
    return directive


APPLY: Final[Mapping[type, Callable[[State, Any], None]]] = {
    events.DirectiveIssued: _issued,
    events.DirectiveAcknowledged: _acknowledged,
    events.DirectiveDue: _due,
    events.DirectiveWithdrawn: _withdrawn,
}
