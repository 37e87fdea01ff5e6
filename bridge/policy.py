"""Who may do what to whom: one function, over one table.

An account has a role and a scope, the subtrees of some units; the highest of them says its level. Two things are asked of a
center or an operator: that it may act in the session at all, and that whom it acts on lies within its scope.

* On the *standing line* everybody may call points of the own scope and lead those calls. Its programme goes to the whole country,
  so that only those who preside (whose scope contains the presiding unit) put anybody on air.
* In a *meeting* or on a center's *line* only those who preside do anything: its stage is theirs.

Only a center prepares, opens and closes sessions, over units of its scope. Giving the floor sends others off air, so that those
have to lie within the scope too. A point speaks for itself, of its own call and its own request alone. An observer sees what lies
within its scope and does nothing; a viewer only watches. What the machinery reports (rings sent, media, takeovers, calls from
above) no account may say at all: the shell hands it in unasked.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bridge import commands, policy_agenda, policy_directives, policy_draw, policy_matters, policy_proposals, policy_talkback
from bridge.commands import Command
from bridge.errors import forbidden, unknown_roll_call
from bridge.policy_rules import (
    ANY_SESSION,
    Account,
    Known,
    Role,
    Rule,
    level_of,
    point_of_call,
    presides,
    require_acting,
    require_console,
    require_presiding,
    require_self,
    require_units_within,
    require_within,
)

__all__ = [
    "ANY_SESSION",
    "RULES",
    "Account",
    "Known",
    "Role",
    "Rule",
    "level_of",
    "may",
    "point_of_call",
    "presides",
    "require_acting",
    "require_console",
    "require_presiding",
    "require_self",
    "require_units_within",
    "require_within",
]


def may(account: Account, command: Command, known: Known) -> None:
    """Let the command pass, or refuse it.

    Raises:
        BridgeError: ``forbidden``; ``unknown_call`` and ``unknown_roll_call`` when the session does not know it.
    """
    if account.session not in {known.session.id, ANY_SESSION}:
        raise forbidden("vào phiên họp khác", "act in another session")
    rule = RULES.get(type(command))
    if rule is None:
        raise forbidden("làm việc này", "do this")
    rule(account, command, known)


def _require_center(account: Account) -> None:
    require_console(account)
    if account.role != "center":
        raise forbidden("mở hoặc đóng phiên họp", "open or close the session")


def _prepare(account: Account, command: commands.PrepareSession, known: Known) -> None:
    _require_center(account)
    units = (command.center, *command.units)
    require_units_within(account, units, known, "mở phiên họp ngoài phạm vi của mình", "open a session outside of its scope")


def _open_or_close(account: Account, _command: Any, known: Known) -> None:
    _require_center(account)
    require_presiding(account, known)


def _record(account: Account, _command: Any, known: Known) -> None:
    require_presiding(account, known)


def _place(account: Account, command: commands.PlaceCall, known: Known) -> None:
    require_acting(account, known)
    require_within(account, command.point, known)


def _lead(account: Account, command: commands.PreviewCall | commands.CancelCall, known: Known) -> None:
    require_acting(account, known)
    require_within(account, point_of_call(command.call, known), known)


def _air(account: Account, command: commands.TakeCall | commands.TakeOffAir, known: Known) -> None:
    require_presiding(account, known)
    require_within(account, point_of_call(command.call, known), known)


def _end(account: Account, command: commands.EndCall, known: Known) -> None:
    if account.role == "point":
        require_self(account, point_of_call(command.call, known))
    else:
        require_acting(account, known)
        require_within(account, point_of_call(command.call, known), known)


def _start_roll_call(account: Account, command: commands.StartRollCall, known: Known) -> None:
    _lead_roll_call(account, command.units, known)


def _close_roll_call(account: Account, command: commands.CloseRollCall, known: Known) -> None:
    require_console(account)
    units = known.units_of(command.roll_call)
    if units is None:
        raise unknown_roll_call(command.roll_call)
    _lead_roll_call(account, units, known)


def _lead_roll_call(account: Account, units: Sequence[str], known: Known) -> None:
    require_acting(account, known)
    require_units_within(account, units, known, "điểm danh ngoài phạm vi của mình", "lead a roll call outside of its scope")


def _floor(account: Account, command: commands.ExtendFloor | commands.TakeBackFloor, known: Known) -> None:
    require_presiding(account, known)
    require_within(account, command.point, known)


def _give(account: Account, command: commands.GiveFloor, known: Known) -> None:
    require_presiding(account, known)
    require_within(account, command.point, known)
    if not all(known.directory.is_within(each, account.scope) for each in known.on_stage()):
        raise forbidden("thay điểm cầu đang phát ngoài phạm vi của mình", "send a point off air outside of its scope")


def _withdraw(account: Account, command: commands.WithdrawFloor, known: Known) -> None:
    if account.role == "point":
        require_self(account, command.point)
    else:
        require_presiding(account, known)
        require_within(account, command.point, known)


def _of_point(account: Account, command: Any, _known: Known) -> None:
    require_self(account, command.point)


def _of_called(account: Account, command: Any, known: Known) -> None:
    if account.role != "point":
        raise forbidden("làm việc này", "do this")
    require_self(account, point_of_call(command.call, known))


RULES: Final[Mapping[type, Rule]] = {
    commands.PrepareSession: _prepare,
    commands.OpenSession: _open_or_close,
    commands.CloseSession: _open_or_close,
    commands.StartRecording: _record,
    commands.StopRecording: _record,
    **policy_matters.RULES,
    commands.PlaceCall: _place,
    commands.PreviewCall: _lead,
    commands.CancelCall: _lead,
    commands.TakeCall: _air,
    commands.TakeOffAir: _air,
    commands.EndCall: _end,
    commands.StartRollCall: _start_roll_call,
    commands.CloseRollCall: _close_roll_call,
    commands.GiveFloor: _give,
    commands.ExtendFloor: _floor,
    commands.TakeBackFloor: _floor,
    commands.WithdrawFloor: _withdraw,
    commands.AskFloor: _of_point,
    commands.PointArrived: _of_point,
    commands.PointLeft: _of_point,
    commands.PointReported: _of_point,
    commands.ConfirmPresence: _of_point,
    commands.ConfirmRing: _of_called,
    commands.AnswerCall: _of_called,
    commands.DeclineCall: _of_called,
    commands.ReportDeviceFailure: _of_called,
    **policy_agenda.RULES,
    **policy_directives.RULES,
    **policy_proposals.RULES,
    **policy_draw.RULES,
    **policy_talkback.RULES,
}
