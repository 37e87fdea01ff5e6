"""What can be asked about directives. They are kept on the standing line, whatever session they are given in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IssueDirective:
    """Give a directive to every point of these units and of everything below them; ``session`` is where it was given."""

    title: str
    text: str
    units: tuple[str, ...]
    deadline: int
    session: str
    by: str


@dataclass(frozen=True, slots=True)
class AcknowledgeDirective:
    """Somebody at the point has read the directive. Saying it again changes nothing."""

    directive: str
    point: str
    name: str
    function: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawDirective:
    """Take a directive back."""

    directive: str
    by: str


DirectiveCommand = IssueDirective | AcknowledgeDirective | WithdrawDirective
