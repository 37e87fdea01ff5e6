"""What the rules of `bridge.policy` are made of: who asks, what has to be known, and the refusals that all of them share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from bridge.errors import forbidden, unknown_call
from bridge.ids import point_of_feed
from bridge.sessions import SessionRecord
from bridge.units import Directory

Role = Literal["center", "operator", "observer", "viewer", "point"]

ANY_SESSION: Final = "*"
"""The session of an account that is not bound to one."""


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


class Known(Protocol):
    """What a decision needs to know; `bridge.bridge.Bridge` is one."""

    @property
    def directory(self) -> Directory:
        """The units that scopes are about."""
        ...

    @property
    def session(self) -> SessionRecord:
        """The session that the command is for."""
        ...

    def point_of(self, call: str) -> str | None:
        """Name the point of a call or of an item of the agenda; None for what is not known."""
        ...

    def units_of(self, roll_call: str) -> Sequence[str] | None:
        """Give the units of a roll call or a directive, or the unit a proposal is addressed to; None for what is not known."""
        ...

    def points_of_list(self, call_list: str) -> Sequence[str] | None:
        """Give the points of a list of calls; None for one that is not known."""
        ...

    def next_speaker(self) -> str | None:
        """Name the point that the agenda has next; None when nobody is left."""
        ...

    def on_stage(self) -> Sequence[str]:
        """Give the points that giving the floor sends away."""
        ...


Rule = Callable[[Account, Any, Known], None]


def level_of(scope: Sequence[str], directory: Directory) -> int:
    """Say how far the highest unit of a scope is below the root; 99 for a scope of which the directory has nothing."""
    return min((len(directory.path(unit)) - 1 for unit in scope if directory.has_unit(unit)), default=99)


def presides(account: Account, known: Known) -> bool:
    """Say whether a session is in the hands of an account: its scope contains the unit whose center presides.

    Where the directory has that unit no longer, a scope with the root does.
    """
    center, directory = known.session.center, known.directory
    if center and not directory.has_unit(center):
        return level_of(account.scope, directory) == 0
    return not center or directory.is_within(center, account.scope)


def require_console(account: Account) -> None:
    """Refuse those who do not work a console."""
    if account.role == "point":
        raise forbidden("điều khiển phiên họp", "control the session")
    if account.role not in {"center", "operator"}:
        raise forbidden("điều khiển phiên họp, chỉ được xem", "control the session, only watch it")


def require_presiding(account: Account, known: Known) -> None:
    """Refuse consoles in whose hands the session is not."""
    require_console(account)
    if not presides(account, known):
        raise forbidden("điều khiển phiên họp do cấp khác chủ trì", "control a session that another level presides")


def require_acting(account: Account, known: Known) -> None:
    """Refuse consoles that may not act in the session: on the standing line all may, elsewhere those who preside."""
    require_console(account)
    if known.session.kind != "standing":
        require_presiding(account, known)


def require_within(account: Account, point: str, known: Known) -> None:
    """Refuse what concerns a point outside of the scope."""
    if not known.directory.is_within(point, account.scope):
        raise forbidden("điều khiển điểm cầu ngoài phạm vi của mình", "control a point outside of its scope")


def require_units_within(account: Account, units: Sequence[str], known: Known, vi: str, en: str) -> None:
    """Refuse what concerns units outside of the scope."""
    if not all(known.directory.is_within(unit, account.scope) for unit in units):
        raise forbidden(vi, en)


def require_self(account: Account, point: str) -> None:
    """Refuse whoever is not the point itself."""
    if account.role != "point":
        raise forbidden("làm việc này", "do this")
    if account.point is None or point != account.point:
        raise forbidden("trả lời thay điểm cầu khác", "answer for another point")


def point_of_call(call: str, known: Known) -> str:
    """Name the point of a call, or raise ``unknown_call``."""
    point = known.point_of(call)
    if point is None:
        raise unknown_call(call)
    return point
