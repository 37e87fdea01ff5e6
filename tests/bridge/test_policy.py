"""Who may do what to whom."""

from collections.abc import Sequence

import pytest

from bridge import commands, matter_commands
from bridge.agenda_commands import AgendaEntry, NextSpeaker, SetAgenda, SkipSpeaker
from bridge.commands import Command
from bridge.directive_commands import AcknowledgeDirective, IssueDirective, WithdrawDirective
from bridge.draw_commands import DrawPoints, NoteCall
from bridge.errors import BridgeError
from bridge.points import Report
from bridge.policy import ANY_SESSION, Account, Role, level_of, may
from bridge.proposal_commands import AnswerProposal, ForwardProposal, SendProposal
from bridge.sessions import SessionRecord
from bridge.talkback_commands import StartTalkback, StopTalkback
from bridge.units import Directory
from tests.bridge.scene import FAR, WARD, small_directory

DIRECTORY = small_directory()
CALLS = {"c1": WARD, "c2": FAR, "i1": WARD}
CALL_LISTS = {"l1": (WARD,), "l2": (WARD, FAR)}
ROLL_CALLS = {"r1": (WARD,), "r2": ("773", "80"), "d1": (WARD,), "p1": (WARD,)}

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
    matter_commands.RetryCall("c1", "x"),
    matter_commands.PlaceCalls((WARD,), together=True, by="x"),
    matter_commands.StartCallList((WARD,), auto=False, by="x"),
    matter_commands.NextCall("l1", "x"),
    matter_commands.StopCallList("l1", "x"),
    matter_commands.Escalate("c1", (), "x"),
    matter_commands.MarkContact("c1", 0, "reached", "", "x"),
    matter_commands.StopEscalation("c1", "x"),
    SetAgenda((AgendaEntry(WARD, "ô-xy"),), "x"),
    NextSpeaker("x"),
    SkipSpeaker("i1", "x"),
    IssueDirective("t", "t", (WARD,), 1, "main", "x"),
    WithdrawDirective("d1", "x"),
    AnswerProposal("p1", "", "noted", "x"),
    ForwardProposal("p1", "79", "", "x"),
    DrawPoints(1, (WARD,), (WARD,), (), "s", "", "x"),
    StartTalkback("c1", "x"),
    StopTalkback("c1", "x"),
]
CENTER: Sequence[Command] = [
    commands.PrepareSession("t", "meeting", (WARD,), WARD, "x"),
    commands.OpenSession("t", "x"),
    commands.CloseSession("x"),
]
PRESIDING: Sequence[Command] = [commands.StartRecording("x"), commands.StopRecording("x")]
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
    matter_commands.CallBack("c1", f"point:{WARD}"),
    matter_commands.ExplainCall("c1", "Lan", "mất điện", f"point:{WARD}"),
    matter_commands.ConfirmAlert("c9", WARD, reached=True, name="Lan"),
    matter_commands.ConfirmShift(WARD, "Lan", f"point:{WARD}"),
    AcknowledgeDirective("d1", WARD, "Lan"),
    SendProposal(WARD, "t"),
]
OF_BOTH: Sequence[Command] = [commands.WithdrawFloor(WARD, "x"), matter_commands.SetRoster(WARD, (), "x")]
"""What a point does for itself and a console for the points of its scope."""
MACHINERY: Sequence[Command] = [
    commands.RingSent("c1"),
    commands.ReportMedia("center", "video", flowing=True),
    commands.Reconcile(frozenset(), "system"),
    commands.EngagePoint(WARD, "other", "t", 0, "center"),
    commands.ReleasePoint(WARD, "other"),
    NoteCall(WARD, "other", 1),
]


class KnownHere:
    """One session with two calls and two roll calls."""

    directory: Directory = DIRECTORY

    def __init__(self, *on_stage: str, kind: str = "standing", center: str = "") -> None:
        self.session = SessionRecord("main", kind=kind, center=center)
        self._on_stage = on_stage

    def point_of(self, call: str) -> str | None:
        return CALLS.get(call)

    def units_of(self, roll_call: str) -> Sequence[str] | None:
        return ROLL_CALLS.get(roll_call)

    def points_of_list(self, call_list: str) -> Sequence[str] | None:
        return CALL_LISTS.get(call_list)

    def next_speaker(self) -> str | None:
        return WARD

    def on_stage(self) -> Sequence[str]:
        return self._on_stage


HERE = KnownHere()


def account(role: Role, *scope: str, subject: str = "x") -> Account:
    return Account(role, scope, "main", subject)


def allowed(who: Account, command: Command, known: KnownHere = HERE) -> bool:
    refusal: BridgeError | None = None
    try:
        may(who, command, known)
    except BridgeError as error:
        refusal = error
    assert refusal is None or (refusal.code, refusal.fault) == ("forbidden", "user")
    return refusal is None


def test_the_lists_above_are_all_commands() -> None:
    assert {type(command) for command in (*CONSOLE, *CENTER, *PRESIDING, *DESK, *OF_BOTH, *MACHINERY)} == set(Command.__args__)


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
    roles: tuple[Role, ...] = ("operator", "observer", "viewer", "point")
    for role in roles:
        assert not allowed(account(role, "VN", subject=f"point:{WARD}"), command)


@pytest.mark.parametrize("command", [*CONSOLE, *CENTER, *PRESIDING, *DESK, *MACHINERY], ids=repr)
def test_a_viewer_and_an_observer_do_nothing(command: Command) -> None:
    assert not allowed(account("viewer", "VN"), command)
    assert not allowed(account("observer", "VN"), command)


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
        may(Account("center", ("VN",), "other", "x"), CONSOLE[0], HERE)
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize("role", ["center", "point"])
def test_a_call_that_nobody_knows(role: Role) -> None:
    who = account(role, "VN", subject=f"point:{WARD}")
    with pytest.raises(BridgeError) as refused:
        may(who, commands.EndCall("c9", "x"), HERE)
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
        may(account("center", "VN"), commands.CloseRollCall("r9", "x"), HERE)
    assert refusal.value.code == "unknown_roll_call"


@pytest.mark.parametrize(
    "command",
    [
        matter_commands.PlaceCalls((WARD, FAR), together=False, by="x"),
        matter_commands.StartCallList((WARD, FAR), auto=True, by="x"),
        matter_commands.NextCall("l2", "x"),
    ],
)
def test_several_calls_lie_wholly_within_the_scope(command: Command) -> None:
    assert allowed(account("operator", "79", "80"), command)
    assert not allowed(account("operator", "79"), command)


def test_several_calls_that_put_nobody_on_air_are_free_to_all_on_the_standing_line() -> None:
    line = KnownHere(kind="standing", center="VN")
    assert allowed(account("operator", "773"), matter_commands.PlaceCalls((WARD,), together=False, by="x"), line)


def test_a_list_that_nobody_knows() -> None:
    with pytest.raises(BridgeError) as refusal:
        may(account("center", "VN"), matter_commands.NextCall("l9", "x"), HERE)
    assert refusal.value.code == "unknown_call_list"


def test_the_floor_is_not_given_at_the_cost_of_a_point_outside_of_the_scope() -> None:
    give = commands.GiveFloor(WARD, 0, "x")
    may(account("operator", "79"), give, KnownHere(WARD))
    may(account("operator", "VN"), give, KnownHere(WARD, FAR))
    with pytest.raises(BridgeError) as refusal:
        may(account("operator", "79"), give, KnownHere(WARD, FAR))
    assert refusal.value.code == "forbidden"


@pytest.mark.parametrize("command", OF_BOTH, ids=repr)
def test_what_a_point_and_its_console_may(command: Command) -> None:
    assert allowed(account("operator", "79"), command)
    assert allowed(account("point", subject=f"point:{WARD}"), command)
    assert not allowed(account("operator", "80"), command)
    assert not allowed(account("point", subject=f"point:{FAR}"), command)
    assert not allowed(account("viewer", "VN"), command)


@pytest.mark.parametrize("command", CONSOLE, ids=repr)
def test_a_meeting_is_in_the_hands_of_those_above_its_center(command: Command) -> None:
    of_the_city = KnownHere(kind="meeting", center="79")
    assert allowed(account("operator", "79"), command, of_the_city)
    assert allowed(account("operator", "VN"), command, of_the_city)
    assert not allowed(account("operator", WARD), command, of_the_city)
    assert not allowed(account("operator", "773"), command, of_the_city)


def test_on_the_standing_line_everybody_calls_the_own_points_and_only_its_center_puts_them_on_air() -> None:
    line = KnownHere(kind="standing", center="VN")
    for command in CONSOLE:
        is_of_stage = isinstance(
            command,
            commands.TakeCall
            | commands.TakeOffAir
            | commands.GiveFloor
            | commands.ExtendFloor
            | commands.TakeBackFloor
            | matter_commands.PlaceCalls
            | SetAgenda
            | NextSpeaker
            | SkipSpeaker,
        )
        assert allowed(account("operator", "773"), command, line) is not is_of_stage, command
        assert allowed(account("operator", "VN"), command, line), command


@pytest.mark.parametrize("command", PRESIDING, ids=repr)
def test_who_presides_records(command: Command) -> None:
    meeting = KnownHere(kind="meeting", center="79")
    assert allowed(account("operator", "79"), command, meeting)
    assert allowed(account("center", "VN"), command, meeting)
    assert not allowed(account("operator", "773"), command, meeting)
    assert not allowed(account("point", WARD, subject=f"point:{WARD}"), command, meeting)


def test_a_center_opens_sessions_over_its_own_units_only() -> None:
    district = account("center", "773")
    assert allowed(district, commands.PrepareSession("t", "meeting", (WARD,), "773", "x"))
    assert not allowed(district, commands.PrepareSession("t", "meeting", (FAR,), "773", "x"))
    assert not allowed(district, commands.PrepareSession("t", "meeting", (WARD,), "79", "x"))
    assert not allowed(district, commands.CloseSession("x"), KnownHere(kind="meeting", center="79"))


def test_an_account_that_is_bound_to_no_session() -> None:
    may(Account("center", ("VN",), ANY_SESSION, "x"), CONSOLE[0], HERE)


def test_the_level_is_that_of_the_highest_unit() -> None:
    assert level_of(("VN",), DIRECTORY) == 0
    assert level_of((WARD, "79"), DIRECTORY) == 1
    assert level_of(("nowhere",), DIRECTORY) == 99


def test_an_agenda_a_directive_a_proposal_and_a_draw_reach_no_further_than_the_scope() -> None:
    district = account("operator", "773")
    assert not allowed(district, SetAgenda((AgendaEntry(WARD, ""), AgendaEntry(FAR, "")), "x"))
    assert not allowed(district, IssueDirective("t", "t", (WARD, FAR), 1, "main", "x"))
    assert not allowed(district, DrawPoints(1, ("VN",), (WARD,), (), "s", "", "x"))
    assert not allowed(account("operator", "80"), AnswerProposal("p1", "", "noted", "x")), "addressed to another branch"


def test_what_is_not_known_is_said_to_be_so() -> None:
    unknown: Sequence[tuple[Command, str]] = [
        (SkipSpeaker("i9", "x"), "unknown_item"),
        (WithdrawDirective("d9", "x"), "unknown_directive"),
        (AnswerProposal("p9", "", "noted", "x"), "unknown_proposal"),
    ]
    for command, code in unknown:
        with pytest.raises(BridgeError) as refusal:
            may(account("center", "VN"), command, HERE)
        assert refusal.value.code == code


def test_the_next_speaker_sends_off_air_only_whom_the_account_may() -> None:
    assert allowed(account("center", "773"), NextSpeaker("x"), KnownHere(WARD))
    assert not allowed(account("center", "773"), NextSpeaker("x"), KnownHere(FAR))
