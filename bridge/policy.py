"""Who may do what to whom: one function.

An account has a role and a scope, the subtrees of some units. A center or an operator may call points within the scope and
lead those calls, nobody else's, and start and close roll calls that lie wholly within it; only a center opens and closes the
session. Giving the floor sends others off air, so that those have to lie within the scope too. A point speaks for itself, of its
own call and its own request alone. A viewer does nothing. What the machinery reports (rings sent,
media, takeovers) no account may say at all: the shell hands it in unasked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bridge import commands
from bridge.commands import Command
from bridge.errors import forbidden, unknown_call, unknown_roll_call
from bridge.ids import point_of_feed
from bridge.units import Directory

Role = Literal["center", "operator", "viewer", "point"]

OF_CENTER: Final = (commands.OpenSession, commands.CloseSession)
OF_CONSOLE: Final = (commands.PreviewCall, commands.TakeCall, commands.TakeOffAir, commands.EndCall, commands.CancelCall)
OF_POINT_CALL: Final = (
    commands.ConfirmRing,
    commands.AnswerCall,
    commands.DeclineCall,
    commands.ReportDeviceFailure,
    commands.EndCall,
)
OF_POINT: Final = (
    commands.PointArrived,
    commands.PointLeft,
    commands.PointReported,
    commands.ConfirmPresence,
    commands.AskFloor,
    commands.WithdrawFloor,
)
OF_CONSOLE_POINT: Final = (
    commands.PlaceCall,
    commands.WithdrawFloor,
    commands.GiveFloor,
    commands.ExtendFloor,
    commands.TakeBackFloor,
)


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks. ``subject`` is what goes on record; for a point it is its feed, ``point:<code>``."""

    role: Role
    scope: tuple[str, ...]
    session: str
    subject: str

    @property
    def point(self) -> str | None:
        """The point that this account is, when it is one."""
        return point_of_feed(self.subject) if self.role == "point" else None


def _no_call(_call: str) -> str | None:
    return None


def _no_roll_call(_roll_call: str) -> Sequence[str] | None:
    return None


def may(
    account: Account,
    command: Command,
    directory: Directory,
    point_of: Callable[[str], str | None] = _no_call,
    session: str | None = None,
    units_of: Callable[[str], Sequence[str] | None] = _no_roll_call,
    on_stage: Sequence[str] = (),
) -> None:
    """Let the command pass, or refuse it.

    Args:
        account: who asks.
        command: what is asked.
        directory: the units that scopes are about.
        point_of: names the point of a call (`Bridge.point_of`); needed for commands about calls.
        session: the session that the command is for, where the caller has not compared it with the account's already.
        units_of: gives the units of a roll call (`Bridge.units_of`); needed for commands about roll calls.
        on_stage: the points that giving the floor sends away (`Bridge.on_stage`).

    Raises:
        BridgeError: ``forbidden``; ``unknown_call`` and ``unknown_roll_call`` when the look-up does not know it.
    """
    if session is not None and session != account.session:
        raise forbidden("vào phiên họp khác", "act in another session")
    if account.role == "point":
        _may_point(account, command, point_of)
    elif account.role in {"center", "operator"}:
        _may_console(account, command, directory, point_of, units_of)
        if isinstance(command, commands.GiveFloor) and not all(directory.is_within(each, account.scope) for each in on_stage):
            raise forbidden("thay điểm cầu đang phát ngoài phạm vi của mình", "send a point off air outside of its scope")
    else:
        raise forbidden("điều khiển phiên họp, chỉ được xem", "control the session, only watch it")


def _may_console(
    account: Account,
    command: Command,
    directory: Directory,
    point_of: Callable[[str], str | None],
    units_of: Callable[[str], Sequence[str] | None],
) -> None:
    if isinstance(command, OF_CENTER):
        if account.role != "center":
            raise forbidden("mở hoặc đóng phiên họp", "open or close the session")
        return
    if isinstance(command, commands.StartRollCall | commands.CloseRollCall):
        units = command.units if isinstance(command, commands.StartRollCall) else _units_of(command.roll_call, units_of)
        if not all(directory.is_within(unit, account.scope) for unit in units):
            raise forbidden("điểm danh ngoài phạm vi của mình", "lead a roll call outside of its scope")
        return
    if isinstance(command, OF_CONSOLE_POINT):
        point = command.point
    elif isinstance(command, OF_CONSOLE):
        point = _point_of(command.call, point_of)
    else:
        raise forbidden("làm việc này", "do this")
    if not directory.is_within(point, account.scope):
        raise forbidden("điều khiển điểm cầu ngoài phạm vi của mình", "control a point outside of its scope")


def _may_point(account: Account, command: Command, point_of: Callable[[str], str | None]) -> None:
    if isinstance(command, OF_POINT):
        point = command.point
    elif isinstance(command, OF_POINT_CALL):
        point = _point_of(command.call, point_of)
    else:
        raise forbidden("điều khiển phiên họp", "control the session")
    if account.point is None or point != account.point:
        raise forbidden("trả lời thay điểm cầu khác", "answer for another point")


def _point_of(call: str, point_of: Callable[[str], str | None]) -> str:
    point = point_of(call)
    if point is None:
        raise unknown_call(call)
    return point


def _units_of(roll_call: str, units_of: Callable[[str], Sequence[str] | None]) -> Sequence[str]:
    units = units_of(roll_call)
    if units is None:
        raise unknown_roll_call(roll_call)
    return units
