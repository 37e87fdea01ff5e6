"""What happened to directives. The events are those of the standing line, whatever session they were given in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DirectiveIssued:
    """A directive was given to these points, to be acknowledged by ``deadline``. They are listed: the directory may change."""

    at: int
    directive: str
    title: str
    text: str
    units: tuple[str, ...]
    points: tuple[str, ...]
    deadline: int
    session: str
    by: str


@dataclass(frozen=True, slots=True)
class DirectiveAcknowledged:
    """Somebody at a point acknowledged a directive: in time while it runs, late afterwards."""

    at: int
    directive: str
    point: str
    name: str
    function: str


@dataclass(frozen=True, slots=True)
class DirectiveDue:
    """The deadline passed: whoever has not acknowledged is overdue."""

    at: int
    directive: str


@dataclass(frozen=True, slots=True)
class DirectiveWithdrawn:
    """The directive is not in force any more, and nobody has to acknowledge it."""

    at: int
    directive: str
    by: str


DirectiveEvent = DirectiveIssued | DirectiveAcknowledged | DirectiveDue | DirectiveWithdrawn
