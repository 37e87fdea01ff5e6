"""Proposals: what a point asks of the levels above it, and what becomes of that.

A proposal is addressed to one unit at a time: first the one right above the point's own, then whichever higher one it is
forwarded to. It is open until it is accepted, declined or noted; every step stays on it for the point to see.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bridge.errors import corrupt_record
from bridge.machine import advance

TEXT_MAX_CHARS: Final = 4_000
MAX_OPEN_OF_POINT: Final = 20
MAX_OPEN: Final = 5_000
"""Open proposals of everybody: 4,000 characters each are some 40 MB at the worst."""
MAX_KEPT: Final = 2_000
"""Answered proposals in memory, the newest; the log keeps all."""


class ProposalState(StrEnum):
    """The life of a proposal."""

    SENT = "sent"
    FORWARDED = "forwarded"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    NOTED = "noted"


class ProposalInput(StrEnum):
    """What moves a proposal."""

    FORWARD = "forward"
    ACCEPT = "accept"
    DECLINE = "decline"
    NOTE = "note"


_ANSWERED: Final[Mapping[ProposalInput, ProposalState]] = MappingProxyType(
    {
        ProposalInput.FORWARD: ProposalState.FORWARDED,
        ProposalInput.ACCEPT: ProposalState.ACCEPTED,
        ProposalInput.DECLINE: ProposalState.DECLINED,
        ProposalInput.NOTE: ProposalState.NOTED,
    }
)

PROPOSAL_TABLE: Final[Mapping[ProposalState, Mapping[ProposalInput, ProposalState]]] = MappingProxyType(
    {
        ProposalState.SENT: _ANSWERED,
        ProposalState.FORWARDED: _ANSWERED,
        ProposalState.ACCEPTED: {},
        ProposalState.DECLINED: {},
        ProposalState.NOTED: {},
    }
)

OUTCOMES: Final[Mapping[str, ProposalInput]] = MappingProxyType(
    {
        "accepted": ProposalInput.ACCEPT,
        "declined": ProposalInput.DECLINE,
        "noted": ProposalInput.NOTE,
    }
)
"""The answers that end a proposal."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proposal: what it became, when, by whom, with which words, and to which unit it was addressed then."""

    at: int
    state: ProposalState
    unit: str
    text: str
    by: str


@dataclass(slots=True)
class Proposal:
    """One proposal. Only applied events change it."""

    id: str
    point: str
    text: str
    unit: str
    """To whom it is addressed now."""
    session: str
    sent_at: int
    state: ProposalState = ProposalState.SENT
    steps: list[Step] = field(default_factory=list)
    """What became of it, the first first; forwarding goes upwards only, so that they are fewer than the levels."""

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return bool(PROPOSAL_TABLE[self.state])

    @property
    def units(self) -> tuple[str, ...]:
        """Everyone it was ever addressed to, the lowest first: the unit now, and those that passed it on."""
        return tuple(dict.fromkeys([*(step.unit for step in self.steps if step.state is ProposalState.FORWARDED), self.unit]))


class Proposals:
    """The proposals in memory, in the order of sending: all open ones, and the newest others."""

    def __init__(self) -> None:
        self.kept: dict[str, Proposal] = {}
        self.by_point: dict[str, dict[str, Proposal]] = {}
        self.sent = 0
        """Number of proposals so far."""
        self._over: dict[str, None] = {}

    @property
    def open_count(self) -> int:
        """How many wait for an answer."""
        return len(self.kept) - len(self._over)

    def open_of(self, point: str) -> int:
        """How many of a point wait for an answer."""
        return sum(each.is_open for each in self.by_point.get(point, {}).values())

    def of_point(self, point: str) -> list[Proposal]:
        """Give a point's own, the newest first."""
        return list(reversed(self.by_point.get(point, {}).values()))

    def add(self, proposal: Proposal) -> None:
        """Enter a proposal; raises ``corrupt_record`` for an id that is there."""
        if proposal.id in self.kept:
            raise corrupt_record(f"{proposal.id} was sent twice")
        self.kept[proposal.id] = proposal
        self.by_point.setdefault(proposal.point, {})[proposal.id] = proposal
        self.sent += 1

    def move(self, proposal_id: str, move: ProposalInput, at: int, unit: str | None, text: str, by: str) -> Proposal:
        """Move a proposal, to another unit where it is forwarded. Raises `BridgeError`, having changed nothing."""
        proposal = self.kept.get(proposal_id)
        if proposal is None:
            raise corrupt_record(f"{proposal_id} was never sent")
        proposal.state = advance(PROPOSAL_TABLE, proposal.state, move)
        proposal.steps.append(Step(at, proposal.state, proposal.unit, text, by))
        proposal.unit = unit or proposal.unit
        if not proposal.is_open:
            self._over[proposal_id] = None
            self._forget_oldest()
        return proposal

    def _forget_oldest(self) -> None:
        while len(self._over) > MAX_KEPT:
            oldest = self.kept.pop(next(iter(self._over)))
            del self._over[oldest.id]
            own = self.by_point[oldest.point]
            del own[oldest.id]
            if not own:
                del self.by_point[oldest.point]

    def to_plain(self) -> dict[str, object]:
        """Give everything as plain data, to compare."""
        return {"kept": [asdict(each) for each in self.kept.values()], "over": list(self._over), "sent": self.sent}
