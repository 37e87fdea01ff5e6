"""Proposals as pages see them: plain dictionaries, ready for JSON."""

from collections.abc import Sequence

from bridge.proposals import Proposal
from bridge.units import Directory

EXCERPT_CHARS = 200


def _name(unit: str, directory: Directory) -> str:
    return directory.unit(unit).name if directory.has_unit(unit) else unit


def proposal_row_view(proposal: Proposal, directory: Directory) -> dict[str, object]:
    """Give a proposal in a list: the beginnings of its text and of the last words about it."""
    last = proposal.steps[-1] if proposal.steps else None
    name = directory.point(proposal.point).name if directory.has_point(proposal.point) else proposal.point
    return {
        "id": proposal.id,
        "point": proposal.point,
        "point_name": name,
        "session": proposal.session,
        "state": proposal.state.value,
        "unit": proposal.unit,
        "unit_name": _name(proposal.unit, directory),
        "sent_at": proposal.sent_at,
        "moved_at": last.at if last else None,
        "excerpt": proposal.text[:EXCERPT_CHARS],
        "reply": last.text[:EXCERPT_CHARS] if last else "",
    }


def proposal_view(proposal: Proposal, directory: Directory) -> dict[str, object]:
    """Give a proposal whole, with every step."""
    steps = [
        {
            "at": step.at,
            "state": step.state.value,
            "unit": step.unit,
            "unit_name": _name(step.unit, directory),
            "text": step.text,
            "by": step.by,
        }
        for step in proposal.steps
    ]
    return {**proposal_row_view(proposal, directory), "text": proposal.text, "steps": steps}


def may_see(proposal: Proposal, directory: Directory, scope: Sequence[str]) -> bool:
    """Say whether a scope sees a proposal: it was addressed to a unit within, and so to that level or below."""
    return any(directory.is_within(unit, scope) for unit in proposal.units)
