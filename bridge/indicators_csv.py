"""Indicators from a table that somebody keeps in a spreadsheet.

Two forms, told apart by the heading line. Wide, one column an indicator, and long, one line a value:

    unit,date,ca mới,vùng             unit,date,name,value
    27286,2021-09-02,12,đỏ            27286,02/09/2021,ca mới,12

``unit`` is a code, or a name with those above it where the code is not at hand (`bridge.unit_names`). Vietnamese headings do as
well: đơn vị, ngày, chỉ số, giá trị. An indicator is declared by ``ca mới:number`` or ``vùng:category`` in its heading (in the
long form by a column ``type``); else it is what it has been since its first import, and a new one is a number when one of its
values is, so that the others have to be as well. An empty cell says nothing. Numbers are those of `bridge.decimals`; where commas
part the columns, a decimal comma needs quotes.

All or nothing: every fault of every line is found, the first fifty are told, and as long as there is one, nothing is imported.
"""

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from bridge.csv_text import delimiter_of, prepared_lines
from bridge.days import day_text, parse_day
from bridge.decimals import is_ambiguous, parse_number
from bridge.errors import BridgeError
from bridge.indicator_imports import CATEGORY, NAME_MAX_CHARS, NUMBER, TEXT_MAX_CHARS, Kind, Part, Value
from bridge.indicators import MAX_INDICATORS, Indicators, name_key
from bridge.unit_names import UnitNames
from bridge.units import Directory, fold
from bridge.units_csv import CsvProblem
from bridge.words import clip

FILE_MAX_CHARS: Final = 4 * 1024 * 1024
"""A day of 64 indicators of 11,367 units is 3 MB."""
PROBLEMS_MAX: Final = 50
_KEPT_MAX: Final = 5_000
"""Faults that are sorted to find the first fifty."""
DAYS_AHEAD: Final = 366
"""A colour may be decided for a day to come; what lies further ahead is a slip of the keyboard."""

_UNIT, _DATE, _NAME, _VALUE, _TYPE = "unit", "date", "name", "value", "type"
HEADINGS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("unit", "don vi", "ma", "ma don vi", "code"), _UNIT),
    **dict.fromkeys(("date", "ngay"), _DATE),
    **dict.fromkeys(("name", "indicator", "chi so", "ten chi so"), _NAME),
    **dict.fromkeys(("value", "gia tri"), _VALUE),
    **dict.fromkeys(("type", "kind", "kieu"), _TYPE),
}
"""Folded headings and what they name; no indicator may be called like one of them."""
KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("number", "so"), NUMBER),
    **dict.fromkeys(("category", "nhan", "loai", "text"), CATEGORY),
}
RESERVED: Final = frozenset({"and", "va", *HEADINGS})
_IN_NAMES: Final = frozenset(" _-.%()")


class IndicatorsCsvError(BridgeError):
    """The table has faults: ``lines`` are the first of them in the order of lines, ``more`` says how many follow."""

    def __init__(self, lines: Sequence[CsvProblem], more: int) -> None:
        count, first = len(lines) + more, lines[0]
        super().__init__(
            "bad_indicators_csv",
            f"Tệp chỉ số có {count} lỗi, chưa nhập gì. Dòng {first.line}: {first.message_vi}",
            f"The table of indicators has {count} fault(s), nothing was imported. Line {first.line}: {first.message_en}",
            "user",
        )
        self.lines = list(lines)
        self.more = more


@dataclass(frozen=True, slots=True)
class IndicatorTable:
    """A table without faults: what it says, and the first line that speaks of each unit."""

    parts: tuple[Part, ...]
    line_of: Mapping[str, int]


class _Cell(NamedTuple):
    line: int
    unit: str
    day: int
    text: str


class _Column:
    """What the table says of one indicator."""

    def __init__(self, name: str, declared: Kind | None) -> None:
        self.name = name
        self.kind = declared
        self.cells: list[_Cell] = []
        self.line_of: dict[tuple[str, int], int] = {}


def read_indicators(text: str, directory: Directory, known: Indicators, today: int) -> IndicatorTable:
    """Read a table of indicators.

    Args:
        text: the decoded file. A byte order mark, an Excel ``sep=`` line, quotes and any line ends are accepted, and semicolons,
            commas or tabs between the columns.
        directory: the units that it may speak of.
        known: the indicators so far, whose kinds hold.
        today: see `bridge.days`.

    Raises:
        IndicatorsCsvError: the table has faults; no other exception, whatever the text.
    """
    return _Reader(directory, known, today).read(text)


class _Reader:
    def __init__(self, directory: Directory, known: Indicators, today: int) -> None:
        self._units = UnitNames(directory)
        self._known = known
        self._today = today
        self._problems: list[CsvProblem] = []
        self._more = 0
        self._columns: dict[str, _Column] = {}
        self._line_of: dict[str, int] = {}

    def read(self, text: str) -> IndicatorTable:
        if len(text) > FILE_MAX_CHARS:
            self._fault(1, "", "Tệp lớn quá 4 MB: hãy chia nhỏ.", "The file is above 4 MB: split it.")
        else:
            self._read_lines(*prepared_lines(text))
        parts = [part for column in self._columns.values() for part in self._parts(column)]
        if not parts and not self._problems:
            self._fault(
                1,
                "",
                "Tệp không có giá trị nào: cần dòng tiêu đề (unit, date, tên các chỉ số) rồi các dòng giá trị.",
                "The file has no values: it needs a heading line (unit, date, names of indicators), then lines with values.",
            )
        if self._problems:
            lines = sorted(self._problems, key=lambda problem: problem.line)
            raise IndicatorsCsvError(lines[:PROBLEMS_MAX], len(lines[PROBLEMS_MAX:]) + self._more)
        return IndicatorTable(tuple(parts), self._line_of)

    def _fault(self, line: int, column: str, message_vi: str, message_en: str) -> None:
        if len(self._problems) < _KEPT_MAX:
            self._problems.append(CsvProblem(line, column, message_vi, message_en))
        else:
            self._more += 1

    def _read_lines(self, skipped: int, lines: list[str]) -> None:
        rows = csv.reader(lines, delimiter=delimiter_of(lines[0] if lines else ""), strict=True)
        line = skipped + 1
        heading: _Heading | None = None
        try:
            for cells in rows:
                if any(cell.strip() for cell in cells):
                    if heading is None:
                        heading = self._heading(line, cells)
                        if heading is None:
                            return
                    else:
                        self._row(line, cells, heading)
                line = skipped + rows.line_num + 1
        except csv.Error:
            self._fault(
                line,
                "",
                "Dòng này không đọc được: hãy kiểm tra dấu nháy kép mở mà không đóng.",
                "This line cannot be read: look for a double quote that is opened and not closed.",
            )

    # The heading

    def _heading(self, line: int, cells: Sequence[str]) -> "_Heading | None":
        roles = [HEADINGS.get(fold(cell).replace("_", " ")) for cell in cells]
        is_long = _NAME in roles and _VALUE in roles
        wanted = {_UNIT, _DATE, _NAME, _VALUE} if is_long else {_UNIT, _DATE}
        for role in sorted(wanted - set(roles)):
            self._fault(
                line,
                role,
                f"Thiếu cột “{role}”: dòng đầu phải là unit,date,<chỉ số>… hoặc unit,date,name,value.",
                f"The column “{role}” is missing: the first line must be unit,date,<indicators>… or unit,date,name,value.",
            )
        places: dict[str, int] = {}
        columns: dict[int, _Column] = {}
        for place, (cell, known) in enumerate(zip(cells, roles, strict=True)):
            if known is not None and (is_long or known in {_UNIT, _DATE}):
                if known in places:
                    self._fault(
                        line, known, f"Cột “{known}” có hai lần: hãy bỏ một.", f"The column “{known}” is there twice: remove one."
                    )
                places[known] = place
            elif not is_long and cell.strip():
                column = self._declared(line, cell)
                if column is not None and column in columns.values():
                    self._fault(
                        line,
                        column.name,
                        f"Chỉ số “{column.name}” có hai cột: hãy bỏ một.",
                        f"The indicator “{column.name}” has two columns: remove one.",
                    )
                elif column is not None:
                    columns[place] = column
        return None if self._problems else _Heading(places, columns, len(cells))

    def _declared(self, line: int, cell: str) -> _Column | None:
        name, colon, word = cell.rpartition(":")
        return self._column(line, name if colon else cell, word if colon else "")

    def _column(self, line: int, name: str, word: str) -> _Column | None:
        """The column of the indicator of that name, its kind settled where it is known or declared."""
        name = " ".join(unicodedata.normalize("NFC", name).split())
        declared = KINDS.get(fold(word)) if word.strip() else None
        if word.strip() and declared is None:
            shown = clip(word, 20)
            self._fault(
                line,
                clip(name, NAME_MAX_CHARS),
                f"Kiểu “{shown}” không hợp lệ: hãy ghi number (số) hoặc category (nhãn).",
                f"“{shown}” is no type: write number or category.",
            )
            return None
        column = self._columns.get(name_key(name))
        if column is None:
            if not self._is_name(line, name):
                return None
            known = self._known.find(name)
            column = self._columns[name_key(name)] = _Column(known.name if known else name, known.kind if known else declared)
            if len(self._columns) > MAX_INDICATORS:
                self._fault(line, "", f"Có quá {MAX_INDICATORS} chỉ số.", f"There are more than {MAX_INDICATORS} indicators.")
        column.kind = column.kind or declared
        if declared is not None and column.kind != declared:
            self._fault(
                line,
                column.name,
                f"Chỉ số “{column.name}” đã có kiểu {column.kind}: hãy giữ kiểu đó hoặc đặt tên khác.",
                f"The type of “{column.name}” is {column.kind} already: keep it, or choose another name.",
            )
        return column

    def _is_name(self, line: int, name: str) -> bool:
        is_good = (
            0 < len(name) <= NAME_MAX_CHARS
            and name[0].isalpha()
            and all(each.isalnum() or each in _IN_NAMES or unicodedata.combining(each) for each in name)
            and fold(name) not in RESERVED
        )
        if not is_good:
            shown = clip(name, NAME_MAX_CHARS)
            self._fault(
                line,
                shown,
                f"Tên chỉ số “{shown}” không hợp lệ: bắt đầu bằng chữ, chỉ gồm chữ, số, dấu cách, _ - . % ( ), tối đa 40 ký tự.",
                f"“{shown}” is no name of an indicator: begin with a letter; letters, digits, spaces, _ - . % ( ), 40 at most.",
            )
        return is_good

    # Rows

    def _row(self, line: int, cells: Sequence[str], heading: "_Heading") -> None:
        if any(cell.strip() for cell in cells[heading.width :]):
            self._fault(
                line,
                "",
                "Dòng có nhiều ô hơn tiêu đề: số thập phân dùng dấu phẩy phải đặt trong dấu nháy kép.",
                "The line has more cells than the heading: a number with a decimal comma needs double quotes.",
            )
            return
        values = {role: cells[place].strip() if place < len(cells) else "" for role, place in heading.places.items()}
        unit, day = self._unit(line, values[_UNIT]), self._day(line, values[_DATE])
        if heading.columns or _NAME not in values:
            found = [(column, cells[place].strip()) for place, column in heading.columns.items() if place < len(cells)]
        else:
            column = self._column(line, values[_NAME], values.get(_TYPE, ""))
            found = [] if column is None else [(column, values[_VALUE])]
        if unit is None or day is None:
            return
        for column, text in found:
            if text:
                self._cell(column, _Cell(line, unit, day, text))

    def _cell(self, column: _Column, cell: _Cell) -> None:
        first = column.line_of.setdefault((cell.unit, cell.day), cell.line)
        if first != cell.line:
            self._fault(
                cell.line,
                column.name,
                f"Đơn vị {cell.unit}, ngày {day_text(cell.day)} đã có ở dòng {first}: hãy bỏ một dòng.",
                f"Unit {cell.unit} on {day_text(cell.day)} is on line {first} already: remove one of them.",
            )
            return
        self._line_of.setdefault(cell.unit, cell.line)
        column.cells.append(cell)

    def _unit(self, line: int, text: str) -> str | None:
        if not text:
            self._fault(line, _UNIT, "Thiếu đơn vị: hãy điền mã.", "The unit is missing: fill in its code.")
            return None
        found = self._units.find(text)
        if len(found) == 1:
            return found[0].code
        shown = clip(text, 60)
        if found:
            codes = ", ".join(unit.code for unit in found[:3]) + (", …" if len(found) > 3 else "")
            self._fault(
                line,
                _UNIT,
                f"“{shown}” có thể là {len(found)} đơn vị ({codes}): hãy ghi mã, hoặc thêm tên cấp trên.",
                f"“{shown}” may be {len(found)} units ({codes}): write the code, or the names above as well.",
            )
            return None
        like = self._units.code_like(text)
        hint_vi = f" Có phải là “{like}” (bảng tính hay bỏ số 0 ở đầu)?" if like else " Hãy kiểm tra lại mã hoặc tên."
        hint_en = f" Is it “{like}” (spreadsheets drop leading zeros)?" if like else " Check the code or name."
        self._fault(line, _UNIT, f"Danh bạ không có đơn vị “{shown}”.{hint_vi}", f"The directory has no unit “{shown}”.{hint_en}")
        return None

    def _day(self, line: int, text: str) -> int | None:
        day = parse_day(text)
        if day is None:
            shown = clip(text, 20)
            self._fault(
                line,
                _DATE,
                f"Ngày “{shown}” không hợp lệ: hãy ghi ngày/tháng/năm như 02/09/2021, hoặc 2021-09-02.",
                f"“{shown}” is no date: write 2021-09-02, or day/month/year as 02/09/2021.",
            )
        elif day > self._today + DAYS_AHEAD:
            self._fault(
                line,
                _DATE,
                f"Ngày {day_text(day)} còn quá xa: hãy kiểm tra năm.",
                f"The day {day_text(day)} is too far ahead: check the year.",
            )
            return None
        return day

    # Values

    def _parts(self, column: _Column) -> list[Part]:
        if column.kind is None:
            is_number = all(parse_number(cell.text) is not None or is_ambiguous(cell.text) for cell in column.cells)
            some_are = any(parse_number(cell.text) is not None for cell in column.cells)
            column.kind = NUMBER if is_number or some_are else CATEGORY
        parse = self._number if column.kind == NUMBER else self._category
        values: dict[int, dict[str, Value]] = {}
        for cell in column.cells:
            value = parse(column, cell)
            if value is not None:
                values.setdefault(cell.day, {})[cell.unit] = value
        return [Part(column.name, column.kind, day, values[day]) for day in sorted(values)]

    def _number(self, column: _Column, cell: _Cell) -> float | None:
        number = parse_number(cell.text)
        if number is None:
            shown = clip(cell.text, 24)
            if is_ambiguous(cell.text):
                bare = cell.text.replace(".", "").replace(",", "")
                self._fault(
                    cell.line,
                    column.name,
                    f"“{shown}” có thể hiểu hai cách: hãy ghi {bare} nếu là hàng nghìn, hoặc {shown}0 nếu là số thập phân.",
                    f"“{shown}” can be read in two ways: write {bare} if it is thousands, or {shown}0 if it is a decimal.",
                )
            else:
                self._fault(
                    cell.line,
                    column.name,
                    f"“{shown}” không phải là số. Nếu đây là nhãn, hãy ghi “{column.name}:category” ở tiêu đề.",
                    f"“{shown}” is not a number. If this is a category, write “{column.name}:category” in the heading.",
                )
        return number

    def _category(self, column: _Column, cell: _Cell) -> str | None:
        text = " ".join(unicodedata.normalize("NFC", cell.text).split())
        if len(text) > TEXT_MAX_CHARS or "\ufffd" in text or clip(text, TEXT_MAX_CHARS) != text:
            shown = clip(text, TEXT_MAX_CHARS)
            self._fault(
                cell.line,
                column.name,
                f"Nhãn “{shown}” dài quá {TEXT_MAX_CHARS} ký tự hoặc có ký tự hỏng (hãy lưu tệp bằng UTF-8).",
                f"The text “{shown}” is longer than {TEXT_MAX_CHARS} characters or broken (save the file as UTF-8).",
            )
            return None
        return text


class _Heading(NamedTuple):
    """Where things are: role → place, place → indicator (wide form), and how many cells a line may have."""

    places: Mapping[str, int]
    columns: Mapping[int, _Column]
    width: int
