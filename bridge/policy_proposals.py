"""Who may send proposals, and who answers them.

A point sends its own. The unit that a proposal is addressed to answers it, and so may every level above that; whoever has
forwarded one sees it still and answers it no more.
"""

from collections.abc import Mapping
from typing import Any, Final

from bridge import proposal_commands as commands
from bridge.policy_rules import Account, Known, Rule, require_acting, require_self, require_units_within
from bridge.proposal_errors import unknown_proposal


def _send(account: Account, command: commands.SendProposal, _known: Known) -> None:
    require_self(account, command.point)


def _answer(account: Account, command: Any, known: Known) -> None:
    require_acting(account, known)
    units = known.units_of(command.proposal)
    if units is None:
        raise unknown_proposal(command.proposal)
    require_units_within(
        account, units, known, "trả lời kiến nghị gửi tới cấp khác", "answer a proposal addressed to another level"
    )


RULES: Final[Mapping[type, Rule]] = {
    commands.SendProposal: _send,
    commands.AnswerProposal: _answer,
    commands.ForwardProposal: _answer,
}
