"""Who may draw: consoles, from units of their scope. What the standing line is told of calls elsewhere no account may say."""

from collections.abc import Mapping
from typing import Final

from bridge import draw_commands as commands
from bridge.policy_rules import Account, Known, Rule, require_acting, require_units_within


def _draw(account: Account, command: commands.DrawPoints, known: Known) -> None:
    require_acting(account, known)
    require_units_within(
        account, command.units, known, "chọn ngẫu nhiên ngoài phạm vi của mình", "draw points outside of its scope"
    )


RULES: Final[Mapping[type, Rule]] = {commands.DrawPoints: _draw}
