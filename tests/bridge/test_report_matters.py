"""What a report says of calls that failed: who else was tried, the call back, the explanation."""

from bridge.commands import PlaceCall
from bridge.directive_commands import AcknowledgeDirective, IssueDirective
from bridge.escalation import Step
from bridge.matter_commands import CallBack, ConfirmAlert, Escalate, ExplainCall, MarkContact, RetryCall
from bridge.report import Report
from bridge.report_folds import add, add_directive_of
from tests.bridge.scene import OTHER, START, WARD, Scene

STEPS = (
    Step("phone", "Nguyễn Thị Lan", "Phó Chủ tịch", "0901 234 567", ""),
    Step("above", "Quận 4", "", "773", ""),
)


def report_of(scene: Scene) -> Report:
    report = Report(presence_in="main")
    for event in scene.log:
        add(report, "main", event)
    report.finish(scene.now)
    return report


def test_the_ladder_the_call_back_and_the_explanation_are_on_the_row_of_the_call() -> None:
    scene = Scene()
    scene.do(PlaceCall(WARD, "center"))
    scene.do(Escalate("c1", STEPS, "center"), 1_000)
    scene.do(MarkContact("c1", 0, "no_answer", "chuông reo", "center"), 2_000)
    scene.do(ConfirmAlert("c1", "773", reached=False, name="Minh", text="Đang cử người"), 3_000)
    scene.arrive(WARD)
    scene.do(CallBack("c1", f"point:{WARD}", "có người rồi"), 4_000)
    called_back_at = scene.now
    scene.do(ExplainCall("c1", "Lan", "Liên kết vừa đổi", f"point:{WARD}"), 5_000)
    scene.do(RetryCall("c1", "center"), 1_000)
    report = report_of(scene)
    first, second = report.calls["c1"], report.calls["c2"]
    assert [(step.kind, step.name, step.outcome) for step in first.steps] == [
        ("phone", "Nguyễn Thị Lan", "no_answer"),
        ("above", "Quận 4", "alerted"),
    ]
    assert [step.note for step in first.steps] == ["chuông reo", "Minh: Đang cử người"]
    assert first.called_back_at == called_back_at
    assert [(name, text) for _, name, text in first.explanations] == [("Lan", "Liên kết vừa đổi")]
    assert second.record == "c1"
    assert second.steps == []
    row = report.row(WARD)
    assert (row.calls, row.explained, row.unexplained) == (2, 1, 0)


def test_a_step_that_nobody_answered_for_says_so() -> None:
    scene = Scene()
    scene.do(PlaceCall(WARD, "center"))
    scene.do(Escalate("c1", STEPS, "center"))
    (step,) = report_of(scene).calls["c1"].steps
    assert (step.target, step.outcome) == ("0901 234 567", "")
    scene.tick(scene.bridge.rules.escalation_step_ms)
    assert report_of(scene).calls["c1"].steps[0].outcome == "timeout"


def test_a_meeting_s_report_takes_its_own_directives_from_the_standing_line() -> None:
    line = Scene()
    line.do(IssueDirective("Trực", "24/7", (WARD,), START + 60_000, "s7", "center"))
    line.do(IssueDirective("Khác", "…", (WARD, OTHER), START + 60_000, "main", "center"))
    line.do(AcknowledgeDirective("d1", WARD, "Lan"), 1_000)
    line.do(AcknowledgeDirective("d2", OTHER, "Lan"), 1_000)
    report = Report(presence_in="s7")
    for event in line.log:
        add_directive_of(report, "s7", event)
    report.finish(line.now)
    assert list(report.directives) == ["d1"]
    assert (report.row(WARD).directives, report.row(WARD).acknowledged) == (1, 1)
    assert OTHER not in report.points
