"""Directives as pages see them: plain dictionaries, ready for JSON. Only `text_view` has the text."""

from collections.abc import Iterator, Sequence

from bridge.asking import Presence, Tally
from bridge.asking_views import counts_view, points_in
from bridge.directives import ANSWERS, Answer, Directive
from bridge.units import Directory

_PRESENCES = {answer: presence for presence, answer in ANSWERS.items()}


def _head(directive: Directive) -> dict[str, object]:
    return {
        "id": directive.id,
        "title": directive.title,
        "by": directive.by,
        "session": directive.session,
        "state": directive.state.value,
        "issued_at": directive.started_at,
        "deadline": directive.deadline,
        "withdrawn_at": directive.withdrawn_at,
    }


def directive_board_view(directive: Directive, directory: Directory, scope: Sequence[str]) -> dict[str, object] | None:
    """Give the counters of a directive for a scope (`bridge.asking_views.counts_view`); None when it is none of its business."""
    counts = counts_view(directive, directory, scope, directive_tally_view)
    return None if counts is None else {**_head(directive), **counts}


def directive_tally_view(tally: Tally) -> dict[str, object]:
    """Give the counters of a directive: its points are in time, late, or missing: silent where they could know of it."""
    return {
        "addressed": tally.asked,
        "in_time": tally.present,
        "late": tally.late,
        "silent": tally.silent,
        "offline": tally.unreached,
    }


def notice_view(directive: Directive, point: str) -> dict[str, object]:
    """Give a directive as one of its points hears of it: without the text, with its own answer and nobody else's."""
    answer, confirmation = directive.answer(point), directive.confirmed.get(point)
    return {
        **_head(directive),
        "answer": answer.value if answer else None,
        "acknowledged_at": confirmation.at if confirmation else None,
        "name": confirmation.name if confirmation else None,
        "function": confirmation.function if confirmation else None,
    }


def answers_view(
    directive: Directive, directory: Directory, units: Sequence[str], wanted: frozenset[Answer], reached: bool | None = None
) -> Iterator[dict[str, object]]:
    """Give the points of a directive below some units that are in one of the wanted states, in directory order.

    ``reached`` as of `points_in`.
    """
    presences: frozenset[Presence] = frozenset(_PRESENCES[answer] for answer in wanted)
    for point in points_in(directive, directory, units, presences, reached):
        notice, cause = notice_view(directive, point.code), directive.cause(point.code)
        kept = {key: notice[key] for key in ("answer", "acknowledged_at", "name", "function")}
        yield {"point": point.code, "point_name": point.name, "cause": cause.value if cause else None, **kept}
