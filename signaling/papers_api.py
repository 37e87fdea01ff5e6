"""Directives, proposals and the agenda over REST: what goes between a center and its desks in writing."""

from __future__ import annotations

from signaling.agenda_api import AgendaApi
from signaling.directives_api import DirectivesApi
from signaling.proposals_api import ProposalsApi
from signaling.rest_desk import RestDesk


def papers_of(desk: RestDesk) -> tuple[DirectivesApi, ProposalsApi, AgendaApi]:
    """Its routes' owners."""
    return DirectivesApi(desk), ProposalsApi(desk), AgendaApi(desk)
