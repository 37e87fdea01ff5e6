"""Who may do what to whom."""

from collections.abc import Sequence

import pytest

from bridge import commands
from bridge.commands import Command
from bridge.errors import BridgeError
from bridge.points import Report
from bridge.policy import Account, Role, may
from tests.bridge.scene import FAR, WARD, small_directory

DIRECTORY = small_directory()
CALLS = {"c1": WARD, "c2": FAR}
ROLL_CALLS = {"r1": (WARD,), "r2": ("773", "80")}

CONSOLE: Sequence[Command] = [
    commands.PlaceCall(WARD, "x"),
    commands.PreviewCall("c1", "x"),
    commands.TakeCall("c1", "x"),
    commands.TakeOffAir("c1", "x"),
    commands.EndCall("c1", "x"),
    commands.CancelCall("c1", "x"),
    commands.StartRollCall((WARD,), 60_000, "x"),
    commands.CloseRollCall("r1", "x"),
    commands.GiveFloor(WARD, 0, "x"),
    commands.ExtendFloor(WARD, 60_000, "x"),
    commands.TakeBackFloor(WARD, "x"),
]
CENTER: Sequence[Command] = [commands.OpenSession("t", "x"), commands.CloseSession("x")]
DESK: Sequence[Command] = [
    commands.PointArrived(WARD),
    commands.PointLeft(WARD),
    commands.PointReported(WARD, Report()),
    commands.ConfirmRing("c1"),
    commands.AnswerCall("c1"),
    commands.DeclineCall("c1"),
    commands.ReportDeviceFailure("c1", "camera"),
    commands.EndCall("c1", f"point:{WARD}"),
    commands.ConfirmPresence("r1", WARD, "Lan"),
    commands.AskFloor(WARD, "ô-xy", f"point:{WARD}"),
]
OF_BOTH: Sequence[Command] = [commands.WithdrawFloor(WARD, "x")]
"""What a point does for itself and a console for the points of its scope."""
MACHINERY: Sequence[Command] = [
    commands.RingSent("c1"),
    commands.ReportMedia("center", "video", flowing=True),
    commands.Reconcile(frozenset(), "system"),
]


def account(role: Role, *scope: str, subject: str = "x") -> Account:
    return Account(role, scope, "main", subject)


def allowed(who: Account, command: Command) -> bool:
    refusal: BridgeError | None = None
    try:
        may(who, command, DIRECTORY, CALLS.get, "main", ROLL_CALLS.get)
    except BridgeError as error:
        refusal = error
    assert refusal is None or (refusal.code, refusal.fault) == ("forbidden", "user")
    return refusal is None


def test_the_lists_above_are_all_commands() -> None:
    assert {type(command) for command in (*CONSOLE, *CENTER, *DESK, *OF_BOTH, *MACHINERY)} == set(Command.__args__)


@pytest.mark.parametrize("command", CONSOLE, ids=repr)
@pytest.mark.parametrize("role", ["center", "operator"])
def test_consoles_lead_calls_within_their_scope(role: Role, command: Command) -> None:
    assert allowed(account(role, "VN"), command)
    assert allowed(account(role, "80", "773"), command)
    assert allowed(account(role, WARD), command)
    assert not allowed(account(role, "80"), command)
    assert not allowed(account(role), command)
    assert not allowed(account(role, "99"), command)


def test_a_call_s_point_is_what_counts_not_who_placed_it() -> None:
    assert not allowed(account("operator", "79"), commands.EndCall("c2", "operator"))
    assert allowed(account("operator", "80"), commands.EndCall("c2", "operator"))


@pytest.mark.parametrize("command", CENTER, ids=repr)
def test_only_a_center_opens_and_closes(command: Command) -> None:
    assert allowed(account("center", "VN"), command)
    roles: tuple[Role, ...] = ("operator", "viewer", "point")
    for role in roles:
        assert not allowed(account(role, "VN", subject=f"point:{WARD}"), command)


@pytest.mark.parametrize("command", [*CONSOLE, *CENTER, *DESK, *MACHINERY], ids=repr)
def test_a_viewer_does_nothing(command: Command) -> None:
    assert not allowed(account("viewer", "VN"), command)


@pytest.mark.parametrize("command", DESK, ids=repr)
def test_a_point_speaks_for_itself_only(command: Command) -> None:
    assert allowed(account("point", WARD, subject=f"point:{WARD}"), command)
    assert not allowed(account("point", WARD, subject=f"point:{FAR}"), command)
    assert not allowed(account("point", "VN", subject="center"), command)
    assert not allowed(account("point", "VN", subject=WARD), command)


@pytest.mark.parametrize("command", [command for command in CONSOLE if not isinstance(command, commands.EndCall)], ids=repr)
def test_a_point_leads_nothing(command: Command) -> None:
    assert not allowed(account("point", "VN", subject=f"point:{WARD}"), command)


@pytest.mark.parametrize("command", MACHINERY, ids=repr)
def test_nobody_speaks_for_the_machinery(command: Command) -> None:
    roles: tuple[Role, ...] = ("center", "operator", "viewer", "point")
    for role in roles:
        assert not allowed(account(role, "VN", subject=f"point:{WARD}"), command)


@pytest.mark.parametrize("command", [command for command in DESK if not isinstance(command, commands.EndCall)], ids=repr)
def test_a_console_does_not_answer_for_a_point(command: Command) -> None:
    assert not allowed(account("center", "VN"), command)


def test_an_unknown_role_may_nothing() -> None:
    assert not allowed(account("admin", "VN"), CONSOLE[0])  # type: ignore[arg-type]


def test_a_subject_of_another_role_is_no_point() -> None:
    assert account("center", "VN", subject=f"point:{WARD}").point is None
    assert account("point", WARD, subject=f"point:{WARD}").point == WARD


def test_another_session() -> None:
    with pytest.raises(BridgeError) as refused:
        may(account("center", "VN"), CONSOLE[0], DIRECTORY, CALLS.get, "other")
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize("role", ["center", "point"])
def test_a_call_that_nobody_knows(role: Role) -> None:
    who = account(role, "VN", subject=f"point:{WARD}")
    with pytest.raises(BridgeError) as refused:
        may(who, commands.EndCall("c9", "x"), DIRECTORY, CALLS.get)
    assert refused.value.code == "unknown_call"
    with pytest.raises(BridgeError) as refused:
        may(who, commands.EndCall("c1", "x"), DIRECTORY)
    assert refused.value.code == "unknown_call"


@pytest.mark.parametrize("command", [commands.StartRollCall(("773", "80"), 60_000, "x"), commands.CloseRollCall("r2", "x")])
def test_a_roll_call_lies_wholly_within_the_scope(command: Command) -> None:
    assert allowed(account("operator", "VN"), command)
    assert allowed(account("operator", "79", "80"), command)
    assert not allowed(account("operator", "79"), command)
    assert not allowed(account("center", "80"), command)
    assert not allowed(account("viewer", "VN"), command)


def test_a_roll_call_that_nobody_knows() -> None:
    with pytest.raises(BridgeError) as refusal:
        may(account("center", "VN"), commands.CloseRollCall("r9", "x"), DIRECTORY)
    assert refusal.value.code == "unknown_roll_call"


def test_the_floor_is_not_given_at_the_cost_of_a_point_outside_of_the_scope() -> None:
    give = commands.GiveFloor(WARD, 0, "x")
    may(account("operator", "79"), give, DIRECTORY, on_stage=(WARD,))
    may(account("operator", "VN"), give, DIRECTORY, on_stage=(WARD, FAR))
    with pytest.raises(BridgeError) as refusal:
        may(account("operator", "79"), give, DIRECTORY, on_stage=(WARD, FAR))
    assert refusal.value.code == "forbidden"


@pytest.mark.parametrize("command", OF_BOTH, ids=repr)
def test_what_a_point_and_its_console_may(command: Command) -> None:
    assert allowed(account("operator", "79"), command)
    assert allowed(account("point", subject=f"point:{WARD}"), command)
    assert not allowed(account("operator", "80"), command)
    assert not allowed(account("point", subject=f"point:{FAR}"), command)
    assert not allowed(account("viewer", "VN"), command)
