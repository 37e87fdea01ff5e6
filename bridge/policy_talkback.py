"""Who may speak to a point: whoever may put it into preview."""

from collections.abc import Mapping
from typing import Final

from bridge.policy_rules import Account, Known, Rule, point_of_call, require_acting, require_within
from bridge.talkback_commands import StartTalkback, StopTalkback


def _talk(account: Account, command: StartTalkback | StopTalkback, known: Known) -> None:
    require_acting(account, known)
    require_within(account, point_of_call(command.call, known), known)


RULES: Final[Mapping[type, Rule]] = {StartTalkback: _talk, StopTalkback: _talk}
