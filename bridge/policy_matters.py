"""Who may do what to the records of calls, lists of calls, escalations and rosters; `bridge.policy` has the theory."""

from collections.abc import Mapping
from typing import Any, Final

from bridge import matter_commands
from bridge.errors import forbidden
from bridge.matter_errors import unknown_call_list
from bridge.policy_rules import (
    Account,
    Known,
    Rule,
    point_of_call,
    require_acting,
    require_console,
    require_presiding,
    require_self,
    require_within,
)


def _lead(account: Account, command: Any, known: Known) -> None:
    require_acting(account, known)
    require_within(account, point_of_call(command.call, known), known)


def _place_calls(account: Account, command: matter_commands.PlaceCalls, known: Known) -> None:
    """Calling together puts points on air."""
    if command.together:
        require_presiding(account, known)
    _call_all(account, command.points, known)


def _start_list(account: Account, command: matter_commands.StartCallList, known: Known) -> None:
    _call_all(account, command.points, known)


def _lead_list(account: Account, command: Any, known: Known) -> None:
    require_acting(account, known)
    points = known.points_of_list(command.call_list)
    if points is None:
        raise unknown_call_list(command.call_list)
    _call_all(account, points, known)


def _call_all(account: Account, points: Any, known: Known) -> None:
    require_acting(account, known)
    for point in points:
        require_within(account, point, known)


def _of_called(account: Account, command: Any, known: Known) -> None:
    if account.role != "point":
        raise forbidden("làm việc này", "do this")
    require_self(account, point_of_call(command.call, known))


def _of_point(account: Account, command: Any, _known: Known) -> None:
    require_self(account, command.point)


def _set_roster(account: Account, command: matter_commands.SetRoster, known: Known) -> None:
    """The point itself, or whoever is above it, in whatever session."""
    if account.role == "point":
        require_self(account, command.point)
    else:
        require_console(account)
        require_within(account, command.point, known)


RULES: Final[Mapping[type, Rule]] = {
    matter_commands.RetryCall: _lead,
    matter_commands.PlaceCalls: _place_calls,
    matter_commands.StartCallList: _start_list,
    matter_commands.NextCall: _lead_list,
    matter_commands.StopCallList: _lead_list,
    matter_commands.Escalate: _lead,
    matter_commands.MarkContact: _lead,
    matter_commands.StopEscalation: _lead,
    matter_commands.CallBack: _of_called,
    matter_commands.ExplainCall: _of_called,
    matter_commands.ConfirmAlert: _of_point,
    matter_commands.ConfirmShift: _of_point,
    matter_commands.SetRoster: _set_roster,
}
