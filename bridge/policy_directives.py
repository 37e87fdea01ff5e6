"""Who may give directives, and who acknowledges them.

A center or an operator gives one to units of the own scope and takes back one whose units all lie there. A point acknowledges for
itself alone.
"""

from collections.abc import Mapping
from typing import Any, Final

from bridge import directive_commands as commands
from bridge.directive_errors import unknown_directive
from bridge.policy_rules import Account, Known, Rule, require_acting, require_self, require_units_within


def _issue(account: Account, command: commands.IssueDirective, known: Known) -> None:
    require_acting(account, known)
    require_units_within(
        account, command.units, known, "gửi chỉ đạo ra ngoài phạm vi của mình", "give directives outside of its scope"
    )


def _withdraw(account: Account, command: commands.WithdrawDirective, known: Known) -> None:
    require_acting(account, known)
    units = known.units_of(command.directive)
    if units is None:
        raise unknown_directive(command.directive)
    require_units_within(account, units, known, "thu hồi chỉ đạo của cấp khác", "take back the directive of another level")


def _acknowledge(account: Account, command: Any, _known: Known) -> None:
    require_self(account, command.point)


RULES: Final[Mapping[type, Rule]] = {
    commands.IssueDirective: _issue,
    commands.WithdrawDirective: _withdraw,
    commands.AcknowledgeDirective: _acknowledge,
}
