"""Units from a table that somebody keeps in a spreadsheet.

One line a unit, with the columns ``code``, ``name``, ``parent`` and, if wanted, ``kind`` and ``points`` (how many desks, 0 to 9;
one where it is empty, none for a single top unit). Vietnamese headings do as well: mã, tên, cấp trên, loại, số điểm cầu.
The order of lines and columns is free, and so is the depth of the tree; several top units are fine.

All or nothing: every fault of every line is collected, with its line, its column and what to do about it in two languages, and as
long as there is one, nothing is imported.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from bridge.csv_text import delimiter_of, prepared_lines
from bridge.errors import BridgeError
from bridge.ids import is_code
from bridge.units import MAX_UNITS, NAME_MAX_CHARS, Directory, Point, Unit, fold, one_point_each
from bridge.words import clip

TEXT_MAX_CHARS: Final = 8 * 1024 * 1024
"""50,000 units of 160 characters."""
PROBLEMS_MAX: Final = 200
"""Faults that are listed; a file with more has one fault, repeated."""
KIND_MAX_CHARS: Final = 32

HEADINGS: Final[Mapping[str, str]] = {
    "code": "code",
    "ma": "code",
    "ma don vi": "code",
    "name": "name",
    "ten": "name",
    "ten don vi": "name",
    "parent": "parent",
    "cap tren": "parent",
    "ma cap tren": "parent",
    "kind": "kind",
    "loai": "kind",
    "cap": "kind",
    "points": "points",
    "so diem cau": "points",
}
"""Folded headings and the columns they name."""

REQUIRED: Final = ("code", "name", "parent")


class CsvProblem(NamedTuple):
    """One fault: the line (from 1), the column it is in ("" for the whole line), and what to do, in two languages."""

    line: int
    column: str
    message_vi: str
    message_en: str


class UnitsCsvError(BridgeError):
    """The table has faults; ``lines`` lists them in the order of lines, and nothing was imported."""

    def __init__(self, lines: Sequence[CsvProblem]) -> None:
        count = len(lines)
        super().__init__(
            "bad_units_csv",
            f"Tệp đơn vị có {count} lỗi, chưa nhập gì. Dòng {lines[0].line}: {lines[0].message_vi}",
            f"The table of units has {count} fault(s), nothing was imported. Line {lines[0].line}: {lines[0].message_en}",
            "user",
        )
        self.lines: list[CsvProblem] = list(lines)


class _Row(NamedTuple):
    line: int
    code: str
    name: str
    parent: str
    kind: str
    points: int | None


class _Problems:
    """The faults found so far, at most `PROBLEMS_MAX`."""

    def __init__(self) -> None:
        self.found: list[CsvProblem] = []
        self.is_incomplete = False
        """Whether rows are missing: then nothing can be said of how the others hang together."""

    def add(self, line: int, column: str, message_vi: str, message_en: str) -> None:
        if len(self.found) < PROBLEMS_MAX:
            self.found.append(CsvProblem(line, column, message_vi, message_en))

    def raise_any(self) -> None:
        if self.found:
            raise UnitsCsvError(sorted(self.found, key=lambda problem: problem.line))


def read_units(text: str) -> Directory:
    """Read a table of units.

    Args:
        text: the decoded file. A byte order mark, an Excel ``sep=`` line, quotes and any line ends are accepted, and semicolons,
            commas or tabs between the columns.

    Returns:
        The directory, each unit with its desks.

    Raises:
        UnitsCsvError: the table has faults, all of them listed; no other exception, whatever the text.
    """
    problems = _Problems()
    if len(text) > TEXT_MAX_CHARS:
        problems.add(1, "", "Tệp lớn quá 8 MB: hãy chia nhỏ danh bạ.", "The file is above 8 MB: split the directory.")
        problems.raise_any()
    rows = list(_rows(text, problems))
    if problems.is_incomplete or not rows:
        problems.raise_any()
    _check_codes(rows, problems)
    _check_parents(rows, problems)
    problems.raise_any()
    units = [Unit(row.code, row.name, row.parent or None, row.kind) for row in rows]
    try:
        return Directory(units, _points(rows, units, problems))
    except UnitsCsvError:
        raise
    except BridgeError as error:
        raise UnitsCsvError([CsvProblem(1, "", error.message_vi, error.message_en)]) from error


def _rows(text: str, problems: _Problems) -> Iterator[_Row]:
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
                elif (row := _row(cells, columns, line, problems)) is not None:
                    count += 1
                    yield row
            line = skipped + reader.line_num + 1
            if count > MAX_UNITS:
                problems.is_incomplete = True
                problems.add(line, "", f"Có quá {MAX_UNITS} đơn vị.", f"There are more than {MAX_UNITS} units.")
                return
    except csv.Error:
        problems.is_incomplete = True
        problems.add(
            line,
            "",
            "Dòng này không đọc được: hãy kiểm tra dấu nháy kép mở mà không đóng.",
            "This line cannot be read: look for a double quote that is opened and not closed.",
        )
        return
    if columns is None or (count == 0 and not problems.found):
        problems.add(
            line,
            "",
            "Tệp không có đơn vị nào: cần một dòng tiêu đề (code, name, parent) rồi mỗi đơn vị một dòng.",
            "The file has no units: it needs a heading line (code, name, parent), then one line for each unit.",
        )


def _columns(cells: Sequence[str], line: int, problems: _Problems) -> dict[str, int] | None:
    columns: dict[str, int] = {}
    for place, cell in enumerate(cells):
        column = HEADINGS.get(fold(cell).replace("_", " "))
        if column is None:
            continue
        if column in columns:
            problems.add(
                line, column, f"Cột “{column}” có hai lần: hãy bỏ một.", f"The column “{column}” is there twice: remove one."
            )
        columns[column] = place
    for column in REQUIRED:
        if column not in columns:
            problems.add(
                line,
                column,
                f"Thiếu cột “{column}”: dòng đầu phải có các cột code, name, parent (mã, tên, cấp trên).",
                f"The column “{column}” is missing: the first line must name the columns code, name and parent.",
            )
    return None if problems.found else columns


def _row(cells: Sequence[str], columns: Mapping[str, int], line: int, problems: _Problems) -> _Row | None:
    """One row, its faults noted; None only without a code, for a row with one may still be somebody's parent."""
    values = {column: cells[place].strip() if place < len(cells) else "" for column, place in columns.items()}
    code, name, parent = values["code"], " ".join(values["name"].split()), values["parent"]
    has_code = _check_code(code, line, "code", problems)
    if parent and not _check_code(parent, line, "parent", problems):
        parent = ""
    if not name:
        problems.add(line, "name", "Thiếu tên đơn vị: hãy điền tên.", "The name is missing: fill it in.")
    elif len(name) > NAME_MAX_CHARS:
        problems.add(
            line,
            "name",
            f"Tên dài {len(name)} ký tự, tối đa {NAME_MAX_CHARS}: hãy rút gọn.",
            f"The name has {len(name)} characters, {NAME_MAX_CHARS} are allowed: shorten it.",
        )
    elif "\ufffd" in name or clip(name, NAME_MAX_CHARS) != name:
        problems.add(
            line,
            "name",
            "Tên có ký tự hỏng: hãy lưu tệp lại với bảng mã UTF-8.",
            "The name has broken characters: save the file again as UTF-8.",
        )
    points = _point_count(values.get("points", ""), line, problems)
    if not has_code:
        return None
    return _Row(line, code, name, parent, clip(values.get("kind", ""), KIND_MAX_CHARS), points)


def _check_code(code: str, line: int, column: str, problems: _Problems) -> bool:
    if not code:
        problems.add(line, column, "Thiếu mã đơn vị: hãy điền mã.", "The code is missing: fill it in.")
    elif not is_code(code):
        problems.add(
            line,
            column,
            f"Mã “{clip(code, 40)}” không hợp lệ: chỉ dùng chữ không dấu, chữ số, . _ - và tối đa 32 ký tự.",
            f"The code “{clip(code, 40)}” is not valid: use plain letters, digits, . _ - and 32 characters at most.",
        )
    return is_code(code)


def _point_count(text: str, line: int, problems: _Problems) -> int | None:
    if not text:
        return None
    if len(text) == 1 and text in "0123456789":
        return int(text)
    problems.add(
        line,
        "points",
        f"Số điểm cầu “{clip(text, 20)}” không hợp lệ: hãy ghi từ 0 đến 9.",
        f"“{clip(text, 20)}” is not a number of points: write 0 to 9.",
    )
    return None


def _check_codes(rows: Sequence[_Row], problems: _Problems) -> None:
    first: dict[str, int] = {}
    for row in rows:
        if row.code in first:
            problems.add(
                row.line,
                "code",
                f"Mã “{row.code}” đã có ở dòng {first[row.code]}: mỗi đơn vị một mã riêng.",
                f"The code “{row.code}” is on line {first[row.code]} already: every unit needs its own.",
            )
        else:
            first[row.code] = row.line


def _check_parents(rows: Sequence[_Row], problems: _Problems) -> None:
    by_code = {row.code: row for row in reversed(rows)}
    bare = {code.lstrip("0").lower(): code for code in by_code}
    for row in rows:
        if not row.parent or row.parent in by_code:
            continue
        like = bare.get(row.parent.lstrip("0").lower())
        hint_vi = f" Có phải là “{like}” (bảng tính hay bỏ số 0 ở đầu)?" if like else " Hãy thêm đơn vị đó hoặc sửa mã."
        hint_en = f" Is it “{like}” (spreadsheets drop leading zeros)?" if like else " Add that unit or correct the code."
        problems.add(
            row.line,
            "parent",
            f"Không có đơn vị cấp trên “{row.parent}” trong tệp.{hint_vi}",
            f"The file has no unit “{row.parent}” to be below.{hint_en}",
        )
    _check_circles(rows, by_code, problems)


def _check_circles(rows: Sequence[_Row], by_code: Mapping[str, _Row], problems: _Problems) -> None:
    """Follow every unit upward; a unit met again on the way is part of a circle, which is told once, at its first line."""
    settled: set[str] = set()
    for row in rows:
        trail: dict[str, _Row] = {}
        current: _Row | None = row
        while current is not None and current.code not in settled and current.code not in trail:
            trail[current.code] = current
            current = by_code.get(current.parent)
        if current is not None and current.code in trail:
            circle = list(trail.values())[list(trail).index(current.code) :]
            names = " → ".join([*(member.code for member in circle[:8]), "…" if len(circle) > 8 else circle[0].code])
            problems.add(
                min(member.line for member in circle),
                "parent",
                f"Vòng lặp cấp trên: {names}. Hãy sửa cột cấp trên của một trong các đơn vị này.",
                f"These units are above each other in a circle: {names}. Correct the parent of one of them.",
            )
        settled.update(trail)


def _points(rows: Sequence[_Row], units: Sequence[Unit], problems: _Problems) -> list[Point]:
    seated = {point.unit for point in one_point_each(units)}
    lines = {row.code: row.line for row in rows}
    points: list[Point] = []
    for row in rows:
        count = row.points if row.points is not None else int(row.code in seated)
        if count:
            points.append(Point(row.code, row.code, row.name))
        for number in range(2, count + 1):
            code, name = f"{row.code}-{number}", f"{row.name} ({number})"
            if not is_code(code) or code in lines or len(name) > NAME_MAX_CHARS:
                problems.add(
                    row.line,
                    "points",
                    f"Không đặt được điểm cầu “{code}”: mã đã dùng, hoặc mã hay tên quá dài.",
                    f"The point “{code}” cannot be made: the code is in use, or the code or name is too long.",
                )
            points.append(Point(code, row.code, name))
    problems.raise_any()
    return points
