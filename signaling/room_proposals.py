"""What a room tells of proposals: each point its own, each console those that its scope sees. No task, no clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bridge.bridge import Bridge
from bridge.events import Event
from bridge.proposal_events import ProposalAnswered, ProposalForwarded, ProposalSent
from bridge.proposal_views import may_see, proposal_row_view
from bridge.proposals import Proposal
from signaling.proposal_messages import MAX_LISTED, ProposalMessage, ProposalRow, ProposalsMessage
from signaling.scoped import Told, Within, once_per_scope
from signaling.session import Outgoing

MAX_OWN_LISTED: Final = 20
MAX_MOVED_TOLD: Final = 50
"""Proposals that consoles hear of one by one in a fan-out; of more they get the list anew."""

LIST_KEY: Final = "proposals"


def row_of(proposal: Proposal, bridge: Bridge) -> ProposalRow:
    """A proposal as it is sent in a list."""
    return ProposalRow.model_validate(proposal_row_view(proposal, bridge.directory))


def own_list(point: str, bridge: Bridge) -> Outgoing:
    """A point's own proposals, the newest first."""
    proposals = bridge.state.proposals
    rows = tuple(row_of(proposal, bridge) for proposal in proposals.of_point(point)[:MAX_OWN_LISTED])
    return Outgoing(ProposalsMessage(proposals=rows, open=proposals.open_of(point)), LIST_KEY)


def list_for(within: Within, bridge: Bridge) -> Outgoing:
    """What a scope sees: the open ones first, each part the newest first."""
    seen = [each for each in reversed(bridge.state.proposals.kept.values()) if may_see(each, bridge.directory, within.units)]
    waiting = [each for each in seen if each.is_open]
    listed = [*waiting, *(each for each in seen if not each.is_open)][:MAX_LISTED]
    return Outgoing(ProposalsMessage(proposals=tuple(row_of(each, bridge) for each in listed), open=len(waiting)), LIST_KEY)


class ProposalNews:
    """The proposals of one room since the last fan-out."""

    def __init__(self, bridge: Callable[[], Bridge]) -> None:
        self._bridge = bridge
        self._moved: dict[str, None] = {}

    def receive_event(self, event: Event) -> tuple[str, Outgoing] | None:
        """Note what is on disk; give the point that is to hear at once, and what."""
        if not isinstance(event, ProposalSent | ProposalForwarded | ProposalAnswered):
            return None
        bridge = self._bridge()
        self._moved[event.proposal] = None
        proposal = bridge.state.proposals.kept.get(event.proposal)
        return None if proposal is None else (proposal.point, own_list(proposal.point, bridge))

    def for_point(self, point: str) -> list[Outgoing]:
        """What a point that has just come is to hear: its own, if it has any."""
        bridge = self._bridge()
        return [own_list(point, bridge)] if point in bridge.state.proposals.by_point else []

    def for_console(self, within: Within) -> list[Outgoing]:
        """What a console that has just come is to hear."""
        bridge = self._bridge()
        return [list_for(within, bridge)] if bridge.state.proposals.kept else []

    def take(self) -> Told | None:
        """Take what consoles are to hear; None when nothing moved."""
        bridge = self._bridge()
        moved = [found for name in self._moved if (found := bridge.state.proposals.kept.get(name)) is not None]
        is_flood = len(self._moved) > MAX_MOVED_TOLD
        self._moved.clear()
        if not moved:
            return None
        if is_flood:
            return once_per_scope(lambda within: [list_for(within, bridge)])
        messages = [(each, Outgoing(ProposalMessage(proposal=row_of(each, bridge)), f"proposal:{each.id}")) for each in moved]
        return once_per_scope(lambda within: [told for each, told in messages if may_see(each, bridge.directory, within.units)])
