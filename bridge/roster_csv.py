"""Rosters from a table that somebody keeps in a spreadsheet.

One line a contact, with the columns ``point``, ``start``, ``end``, ``order``, ``name``, ``function``, ``kind`` and ``target``; a
column ``note`` if wanted. Vietnamese headings do as well: điểm cầu, bắt đầu, kết thúc, thứ tự, họ tên, chức vụ, hình thức,
liên hệ, ghi chú. Lines with the same point, start and end are one shift. Times are ``2021-09-02 07:00``, Vietnam's where no zone
is given.

All or nothing: every fault of every line is collected, with its line, its column and what to do about it in two languages.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from bridge.csv_text import delimiter_of, prepared_lines
from bridge.errors import BridgeError
from bridge.moments import parse_moment
from bridge.roster import Contact, Shift, checked_contact, checked_shifts
from bridge.units import Directory, fold
from bridge.units_csv import PROBLEMS_MAX, TEXT_MAX_CHARS, CsvProblem
from bridge.words import clip

MAX_ROWS: Final = 200_000
"""Twenty lines for each of ten thousand points."""

HEADINGS: Final[Mapping[str, str]] = {
    "point": "point",
    "diem cau": "point",
    "ma diem cau": "point",
    "start": "start",
    "bat dau": "start",
    "end": "end",
    "ket thuc": "end",
    "order": "order",
    "thu tu": "order",
    "stt": "order",
    "name": "name",
    "ho ten": "name",
    "ho va ten": "name",
    "function": "function",
    "chuc vu": "function",
    "kind": "kind",
    "hinh thuc": "kind",
    "target": "target",
    "lien he": "target",
    "dien thoai": "target",
    "note": "note",
    "ghi chu": "note",
}
"""Folded headings and the columns they name."""

REQUIRED: Final = ("point", "start", "end", "order", "name", "kind", "target")

KINDS: Final[Mapping[str, str]] = {"phone": "phone", "dien thoai": "phone", "point": "point", "diem cau": "point"}


class RosterCsvError(BridgeError):
    """The table has faults; ``lines`` lists them in the order of lines, and nothing was imported."""

    def __init__(self, lines: Sequence[CsvProblem]) -> None:
        count = len(lines)
        super().__init__(
            "bad_roster_csv",
            f"Tệp lịch trực có {count} lỗi, chưa nhập gì. Dòng {lines[0].line}: {lines[0].message_vi}",
            f"The table of rosters has {count} fault(s), nothing was imported. Line {lines[0].line}: {lines[0].message_en}",
            "user",
        )
        self.lines: list[CsvProblem] = list(lines)


class _Row(NamedTuple):
    line: int
    point: str
    start: int
    end: int
    order: int
    contact: Contact


def read_rosters(text: str, directory: Directory) -> dict[str, tuple[Shift, ...]]:
    """Read a table of rosters.

    Args:
        text: the decoded file; commas, semicolons or tabs between the columns.
        directory: the points, and the units whose desks may ring for each other.

    Returns:
        The shifts by point, in the order of the file.

    Raises:
        RosterCsvError: the table has faults, all of them listed (200 at most); no other exception, whatever the text.
    """
    problems: list[CsvProblem] = []
    if len(text) > TEXT_MAX_CHARS:
        raise RosterCsvError([CsvProblem(1, "", "Tệp lớn quá 8 MB: hãy chia nhỏ.", "The file is above 8 MB: split it.")])
    rows = list(_rows(text, directory, problems))
    rosters = {} if problems else _shifts_of(rows, directory, problems)
    if not problems and not rosters:
        problems.append(
            CsvProblem(
                1,
                "",
                "Tệp không có ca trực nào: cần một dòng tiêu đề rồi mỗi người trực một dòng.",
                "The file has no shifts: it needs a heading line, then one line for each contact.",
            )
        )
    if problems:
        raise RosterCsvError(sorted(problems[:PROBLEMS_MAX], key=lambda problem: problem.line))
    return rosters


def _rows(text: str, directory: Directory, problems: list[CsvProblem]) -> Iterator[_Row]:
    skipped, lines = prepared_lines(text)
    reader = csv.reader(lines, delimiter=delimiter_of(lines[0] if lines else ""), strict=True)
    columns: dict[str, int] | None = None
    line = skipped + 1
    count = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if columns is None:
                    columns = _columns(cells, line, problems)
                    if columns is None:
                        return
                else:
                    row = _row(cells, columns, line, directory, problems)
                    if row is not None:
                        yield row
                    count += 1
            if len(problems) >= PROBLEMS_MAX:
                return
            if count > MAX_ROWS:
                problems.append(
                    CsvProblem(line, "", f"Có quá {MAX_ROWS} dòng: hãy chia nhỏ tệp.", f"More than {MAX_ROWS} lines: split it.")
                )
                return
            line = skipped + reader.line_num + 1
    except csv.Error:
        problems.append(
            CsvProblem(
                line,
                "",
                "Dòng này không đọc được: hãy kiểm tra dấu nháy kép mở mà không đóng.",
                "This line cannot be read: look for a double quote that is opened and not closed.",
            )
        )


def _columns(cells: Sequence[str], line: int, problems: list[CsvProblem]) -> dict[str, int] | None:
    columns: dict[str, int] = {}
    for number, cell in enumerate(cells):
        column = HEADINGS.get(fold(cell).replace("_", " "))
        if column is not None:
            columns.setdefault(column, number)
    missing = [column for column in REQUIRED if column not in columns]
    problems += [
        CsvProblem(
            line,
            column,
            f"Thiếu cột “{column}”: dòng đầu phải có các cột {', '.join(REQUIRED)}.",
            f"The column “{column}” is missing: the first line must name the columns {', '.join(REQUIRED)}.",
        )
        for column in missing
    ]
    return None if missing else columns


def _row(
    cells: Sequence[str], columns: Mapping[str, int], line: int, directory: Directory, problems: list[CsvProblem]
) -> _Row | None:
    values = {column: cells[number].strip() if number < len(cells) else "" for column, number in columns.items()}
    before = len(problems)
    if not directory.has_point(values["point"]):
        shown = clip(values["point"], 32)
        problems.append(
            CsvProblem(
                line,
                "point",
                f"Không có điểm cầu “{shown}”: hãy sửa mã (bảng tính hay bỏ số 0 ở đầu).",
                f"There is no point “{shown}”: correct the code (spreadsheets drop leading zeros).",
            )
        )
    start, end = _moment(values, "start", line, problems), _moment(values, "end", line, problems)
    order = values["order"]
    if not (order.isascii() and order.isdigit() and len(order) <= 3):
        problems.append(CsvProblem(line, "order", "Thứ tự phải là số, ví dụ 1.", "The order must be a number, such as 1."))
    if len(problems) > before:
        return None
    contact = Contact(
        values["name"],
        values.get("function", ""),
        KINDS.get(fold(values["kind"]), values["kind"]),
        values["target"],
        values.get("note", ""),
    )
    try:
        contact = checked_contact(directory, directory.point(values["point"]).unit, contact)
    except BridgeError as error:
        problems.append(CsvProblem(line, "target", error.message_vi, error.message_en))
        return None
    return _Row(line, values["point"], start, end, int(order), contact)


def _moment(values: Mapping[str, str], column: str, line: int, problems: list[CsvProblem]) -> int:
    at = parse_moment(values[column])
    if at is None:
        problems.append(
            CsvProblem(
                line,
                column,
                f"Thời điểm “{clip(values[column], 32)}” không đọc được: hãy ghi như 2021-09-02 07:00.",
                f"“{clip(values[column], 32)}” is no time: write it as 2021-09-02 07:00.",
            )
        )
    return at or 0


def _shifts_of(rows: Sequence[_Row], directory: Directory, problems: list[CsvProblem]) -> dict[str, tuple[Shift, ...]]:
    by_point: dict[str, dict[tuple[int, int], list[_Row]]] = {}
    for row in rows:
        by_point.setdefault(row.point, {}).setdefault((row.start, row.end), []).append(row)
    rosters: dict[str, tuple[Shift, ...]] = {}
    for point, spans in by_point.items():
        shifts: list[Shift] = []
        for (start, end), members in spans.items():
            in_order = sorted(members, key=lambda row: (row.order, row.line))
            shifts.append(Shift(start, end, tuple(row.contact for row in in_order)))
        try:
            rosters[point] = checked_shifts(directory, point, shifts)
        except BridgeError as error:
            first = min(row.line for members in spans.values() for row in members)
            problems.append(CsvProblem(first, "", f"{point}: {error.message_vi}", f"{point}: {error.message_en}"))
    return rosters
