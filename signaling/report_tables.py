"""A report as tables: headings in two languages, and rows of plain values that every form of it is made from. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bridge.report import Report
from bridge.report_rows import CallRow, PointRow, StepRow
from bridge.report_units import Placed, UnitRow, unit_row, unit_rows
from bridge.units import Directory
from bridge.words import CAUSES, OUTCOMES, STEP_KINDS
from signaling.local_time import local_time

Language = Literal["vi", "en"]
Kind = Literal["text", "number", "time", "duration"]
"""``time`` is milliseconds since the Unix epoch, ``duration`` milliseconds."""
Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name for machines, its headings, and what its cells are."""

    name: str
    vi: str
    en: str
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a report."""

    name: str
    vi: str
    en: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


_TIMES: Final = (
    Column("live_ms", "Thời gian kết nối", "Connected for", "duration"),
    Column("asked", "Lượt điểm danh", "Roll calls"),
    Column("present", "Có mặt", "Present"),
    Column("late", "Muộn", "Late"),
    Column("absent", "Vắng", "Absent"),
    Column("calls", "Cuộc gọi", "Calls"),
    Column("answered", "Đã trả lời", "Answered"),
    Column("answer_ms", "Trả lời sau (trung vị)", "Answered after (median)", "duration"),
    Column("causes", "Nguyên nhân không thành", "Causes of failure", "text"),
    Column("explained", "Đã giải trình", "Explained"),
    Column("unexplained", "Chưa giải trình", "Not explained"),
    Column("on_air_ms", "Thời gian phát", "On air for", "duration"),
    Column("speeches", "Lượt phát biểu", "Speeches"),
    Column("speaking_ms", "Thời gian phát biểu", "Spoke for", "duration"),
    Column("directives", "Chỉ đạo", "Directives"),
    Column("acknowledged", "Xác nhận đúng hạn", "Acknowledged in time"),
    Column("acknowledged_late", "Xác nhận muộn", "Acknowledged late"),
)

UNIT_COLUMNS: Final = (
    Column("unit", "Mã", "Code", "text"),
    Column("name", "Đơn vị", "Unit", "text"),
    Column("points", "Điểm cầu", "Points"),
    Column("attended", "Đã kết nối", "Connected"),
    *_TIMES,
)
POINT_COLUMNS: Final = (
    Column("point", "Mã", "Code", "text"),
    Column("path", "Điểm cầu", "Point", "text"),
    Column("first_live_at", "Kết nối lúc", "Connected at", "time"),
    Column("last_left_at", "Rời lúc", "Left at", "time"),
    Column("arrivals", "Số lần kết nối", "Connections"),
    *_TIMES,
)
CALL_COLUMNS: Final = (
    Column("call", "Cuộc gọi", "Call", "text"),
    Column("record", "Hồ sơ", "Record", "text"),
    Column("point", "Mã", "Code", "text"),
    Column("path", "Điểm cầu", "Point", "text"),
    Column("by", "Người gọi", "Called by", "text"),
    Column("placed_at", "Gọi lúc", "Called at", "time"),
    Column("rang_at", "Đổ chuông lúc", "Rang at", "time"),
    Column("answered_at", "Trả lời lúc", "Answered at", "time"),
    Column("answer_ms", "Trả lời sau", "Answered after", "duration"),
    Column("on_air_ms", "Thời gian phát", "On air for", "duration"),
    Column("cause", "Nguyên nhân", "Cause", "text"),
    Column("last_seen", "Thấy lần cuối", "Last seen", "time"),
    Column("detail", "Chi tiết", "Detail", "text"),
    Column("steps", "Đã làm", "What was done", "text"),
    Column("called_back_at", "Gọi lại lúc", "Called back at", "time"),
    Column("explanations", "Giải trình", "Explanation", "text"),
)
ROLL_CALL_COLUMNS: Final = (
    Column("roll_call", "Điểm danh", "Roll call", "text"),
    Column("by", "Người điểm danh", "By", "text"),
    Column("started_at", "Bắt đầu", "Began", "time"),
    Column("closed_at", "Kết thúc", "Ended", "time"),
    Column("asked", "Được hỏi", "Asked"),
    Column("present", "Có mặt", "Present"),
    Column("late", "Muộn", "Late"),
    Column("absent", "Vắng", "Absent"),
)
MISSING_COLUMNS: Final = (
    Column("roll_call", "Điểm danh", "Roll call", "text"),
    Column("point", "Mã", "Code", "text"),
    Column("path", "Điểm cầu vắng", "Absent point", "text"),
)
DIRECTIVE_COLUMNS: Final = (
    Column("directive", "Chỉ đạo", "Directive", "text"),
    Column("title", "Nội dung", "Title", "text"),
    Column("by", "Người ban hành", "By", "text"),
    Column("issued_at", "Ban hành", "Issued", "time"),
    Column("deadline", "Hạn xác nhận", "Deadline", "time"),
    Column("points", "Điểm cầu", "Points"),
    Column("acknowledged", "Đúng hạn", "In time"),
    Column("acknowledged_late", "Muộn", "Late"),
    Column("missing", "Chưa xác nhận", "Missing"),
)


def tables_of(report: Report, directory: Directory, units: Sequence[str], language: Language, depth: int = 1) -> list[Table]:
    """Make the tables of a report for some units: nothing of a point outside of them is in any.

    A point that the directory has no longer is in the tables of calls and points when the units are the whole directory.
    """
    return Tables(report, directory, units, language).all(depth)


class Tables:
    """The tables of one report for one scope."""

    def __init__(self, report: Report, directory: Directory, units: Sequence[str], language: Language) -> None:
        self._report = report
        self._directory = directory
        self._units = tuple(unit for unit in units if directory.has_unit(unit))
        self._language = language
        self._is_everything = any(len(directory.points_within(unit)) == len(directory.points) for unit in self._units)

    def all(self, depth: int = 1) -> list[Table]:
        """Every table; ``depth`` is how many levels of units below the scope have a row."""
        return [
            Table("units", "Theo đơn vị", "By unit", UNIT_COLUMNS, tuple(self._unit_rows(depth))),
            Table("calls", "Cuộc gọi", "Calls", CALL_COLUMNS, tuple(self._call_rows())),
            Table("roll_calls", "Điểm danh", "Roll calls", ROLL_CALL_COLUMNS, tuple(self._roll_call_rows())),
            Table("missing", "Vắng khi điểm danh", "Absent at roll calls", MISSING_COLUMNS, tuple(self._missing_rows())),
            Table("directives", "Chỉ đạo", "Directives", DIRECTIVE_COLUMNS, tuple(self._directive_rows())),
            Table("points", "Theo điểm cầu", "By point", POINT_COLUMNS, tuple(self._point_rows())),
        ]

    def total(self) -> list[UnitRow]:
        """The figures of the scope's own units."""
        placed = Placed(self._report, self._directory)
        return [unit_row(placed, self._directory, unit) for unit in self._units]

    def _has(self, point: str) -> bool:
        return self._is_everything or self._directory.is_within(point, self._units)

    def _path(self, point: str) -> str:
        if not self._directory.has_point(point):
            return point
        names = [unit.name for unit in self._directory.path(point)]
        name = self._directory.point(point).name
        names = [*names, name] if names[-1] != name else names
        return ", ".join(reversed(names[1:] or names))

    def _causes(self, causes: Iterator[tuple[str, int]]) -> str:
        return "; ".join(f"{self.cause(cause)}: {count}" for cause, count in causes)

    def cause(self, cause: str) -> str:
        """A cause as people read it."""
        vi, en = CAUSES[cause]
        return vi if self._language == "vi" else en

    def _step(self, step: StepRow) -> str:
        place = 0 if self._language == "vi" else 1
        who = ", ".join(text for text in (step.name, step.target) if text)
        note = f" ({step.note})" if step.note else ""
        return f"{local_time(step.at)} {STEP_KINDS[step.kind][place]} {who}: {OUTCOMES[step.outcome][place]}{note}"

    def _unit_rows(self, depth: int) -> Iterator[tuple[Cell, ...]]:
        for row in unit_rows(self._report, self._directory, self._units, depth):
            yield (row.unit, row.name, row.points, row.attended, *self._figures(row, row.answer_ms_median))

    def _point_rows(self) -> Iterator[tuple[Cell, ...]]:
        rows = [row for row in self._report.points.values() if self._has(row.point)]
        rows.sort(key=lambda row: (self._place(row.point), row.point))
        for row in rows:
            answers = sorted(row.answer_ms)
            median = answers[len(answers) // 2] if answers else None
            head = (row.point, self._path(row.point), row.first_live_at, row.last_left_at, row.arrivals)
            yield (*head, *self._figures(row, median))

    def _place(self, point: str) -> int:
        directory = self._directory
        return directory.index_of(point) if directory.has_point(point) else len(directory.points)

    def _figures(self, row: UnitRow | PointRow, answer_ms: int | None) -> tuple[Cell, ...]:
        causes = self._causes(iter(sorted(row.causes.items())))
        called: tuple[Cell, ...] = (row.calls, row.answered, answer_ms, causes, row.explained, row.unexplained)
        spoke = (row.on_air_ms, row.speeches, row.speaking_ms, row.directives, row.acknowledged, row.acknowledged_late)
        return (row.live_ms, row.asked, row.present, row.late, row.absent, *called, *spoke)

    def _call_rows(self) -> Iterator[tuple[Cell, ...]]:
        for call in self._report.calls_within():
            if self._has(call.point):
                yield self._call_row(call)

    def _call_row(self, call: CallRow) -> tuple[Cell, ...]:
        cause = None if call.cause is None else self.cause(call.cause.value)
        steps = "\n".join(self._step(step) for step in call.steps)
        explanations = "\n".join(
            f"{local_time(at)} {name}: {text}" if name else f"{local_time(at)} {text}" for at, name, text in call.explanations
        )
        return (
            call.call,
            call.record,
            call.point,
            self._path(call.point),
            call.by,
            call.placed_at,
            call.rang_at,
            call.answered_at,
            call.answer_ms,
            call.on_air_ms,
            cause,
            call.last_seen if call.cause is not None else None,
            call.detail,
            steps,
            call.called_back_at,
            explanations,
        )

    def _roll_call_rows(self) -> Iterator[tuple[Cell, ...]]:
        for roll_call in self._report.roll_calls_within():
            points = [point for point in roll_call.points if self._has(point)]
            if not points:
                continue
            in_time = sum(roll_call.is_in_time(point) is True for point in points)
            late = sum(roll_call.is_in_time(point) is False for point in points)
            head = (roll_call.roll_call, roll_call.by, roll_call.started_at, roll_call.closed_at)
            yield (*head, len(points), in_time, late, len(points) - in_time - late)

    def _missing_rows(self) -> Iterator[tuple[Cell, ...]]:
        for roll_call in self._report.roll_calls_within():
            missing = [point for point in roll_call.points if self._has(point) and point not in roll_call.confirmed]
            for point in sorted(missing, key=self._place):
                yield (roll_call.roll_call, point, self._path(point))

    def _directive_rows(self) -> Iterator[tuple[Cell, ...]]:
        for directive in self._report.directives_within():
            points = [point for point in directive.points if self._has(point)]
            if not points:
                continue
            acknowledged = sum(point in directive.acknowledged for point in points)
            late = sum(point in directive.late for point in points)
            head = (directive.directive, directive.title, directive.by, directive.issued_at, directive.deadline)
            yield (*head, len(points), acknowledged - late, late, len(points) - acknowledged)
