"""A report's tables as files: CSV for machines, XLSX for offices, HTML to print. Pure: the moment is a parameter.

Times are written in the country's own (UTC+7, no summer time) and durations as hours, minutes and seconds. Text that people
outside may have written (names, reasons, explanations) is never a formula in a sheet: in XLSX it is written as a string, in CSV
a leading ``= + - @`` or control character gets an apostrophe before it (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from signaling.local_time import local_time
from signaling.report_tables import Cell, Column, Kind, Language, Table

MAX_SHEET_ROWS: Final = 1_048_575
"""Rows of an XLSX sheet without its heading."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

STYLE: Final = (
    "body{font:11pt/1.4 'Be Vietnam Pro',system-ui,sans-serif;margin:2em;color:#111}"
    "h1{font-size:1.5em;margin:0}h2{font-size:1.15em;margin:1.6em 0 .4em;break-after:avoid}"
    "table{border-collapse:collapse;width:100%;font-size:.8em}"
    "th,td{border:1px solid #999;padding:.2em .45em;text-align:left;vertical-align:top}"
    "th{background:#eee}td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    "td.l{white-space:pre-line}thead{display:table-header-group}tr{break-inside:avoid}"
    "dl{display:grid;grid-template-columns:max-content auto;gap:.1em 1em}dt{color:#555}dd{margin:0}"
    "@page{size:A4 landscape;margin:12mm}@media print{body{margin:0}}"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a report."""

    title: str
    scope: str
    start: int
    """Milliseconds since the Unix epoch."""
    end: int
    made_at: int


def duration(length_ms: int) -> str:
    """A length of time as people read it: ``1:02:03``."""
    seconds = round(length_ms / 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def text_of(cell: Cell, kind: Kind) -> str:
    """A cell as people read it; empty where there is nothing."""
    if cell is None:
        return ""
    if isinstance(cell, int) and kind == "time":
        return local_time(cell)
    if isinstance(cell, int) and kind == "duration":
        return duration(cell)
    return str(cell)


def to_csv(table: Table, language: Language) -> bytes:
    """One table as CSV (RFC 4180), UTF-8 with a byte order mark, by which spreadsheets know it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([heading(column, language) for column in table.columns])
    for row in table.rows:
        writer.writerow([_harmless(text_of(cell, column.kind)) for cell, column in zip(row, table.columns, strict=True)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def to_xlsx(head: Heading, tables: Sequence[Table], language: Language) -> bytes:
    """All tables as one workbook: a sheet with what it is about, then a sheet a table. Numbers, times and durations are such."""
    import xlsxwriter  # noqa: PLC0415 (a process that makes no workbook starts without it)

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": head.title, "created": datetime.fromtimestamp(head.made_at / 1000, UTC)})
    bold = book.add_format({"bold": True, "bg_color": "#EEEEEE", "text_wrap": True, "valign": "top"})
    formats = {
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "number": book.add_format({"valign": "top"}),
        "time": book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss", "valign": "top"}),
        "duration": book.add_format({"num_format": "[h]:mm:ss", "valign": "top"}),
    }
    first = book.add_worksheet("Báo cáo" if language == "vi" else "Report")
    first.set_column(0, 0, 24)
    first.set_column(1, 1, 60)
    for line, (name, value) in enumerate(_head_lines(head, language)):
        first.write_string(line, 0, name, bold)
        first.write_string(line, 1, value, formats["text"])
    for table in tables:
        sheet = book.add_worksheet(title_of(table, language)[:31])
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(table.columns):
            sheet.write_string(0, place, heading(column, language), bold)
            sheet.set_column(place, place, 40 if column.name in _WIDE else 18 if column.kind != "number" else 11)
        rows = table.rows[:MAX_SHEET_ROWS]
        for line, row in enumerate(rows, start=1):
            for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
                if isinstance(cell, int):
                    sheet.write_number(line, place, _serial(cell, column.kind), formats[column.kind])
                elif cell:
                    sheet.write_string(line, place, cell, formats["text"])
        sheet.autofilter(0, 0, max(1, len(rows)), len(table.columns) - 1)
    book.close()
    return out.getvalue()


def to_html(head: Heading, tables: Sequence[Table], language: Language) -> bytes:
    """All tables as one page to print, A4 landscape; it loads nothing."""
    start = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{_escape(head.title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{_escape(head.title)}</h1><dl>"
    )
    out = [start]
    out += [f"<dt>{_escape(name)}</dt><dd>{_escape(value)}</dd>" for name, value in _head_lines(head, language)[1:]]
    out.append("</dl>")
    for table in tables:
        out.append(f"<h2>{_escape(title_of(table, language))} ({len(table.rows)})</h2>")
        if not table.rows:
            out.append("<p>—</p>")
            continue
        out.append("<table><thead><tr>")
        out += [f'<th scope="col">{_escape(heading(column, language))}</th>' for column in table.columns]
        out.append("</tr></thead><tbody>")
        for row in table.rows:
            out.append("<tr>")
            for cell, column in zip(row, table.columns, strict=True):
                kind = "l" if column.kind == "text" else "n"
                out.append(f'<td class="{kind}">{_escape(text_of(cell, column.kind))}</td>')
            out.append("</tr>")
        out.append("</tbody></table>")
    out.append("</body></html>")
    return "".join(out).encode()


def heading(column: Column, language: Language) -> str:
    """A column's heading."""
    return column.vi if language == "vi" else column.en


def title_of(table: Table, language: Language) -> str:
    """A table's title."""
    return table.vi if language == "vi" else table.en


def _head_lines(head: Heading, language: Language) -> list[tuple[str, str]]:
    period = f"{local_time(head.start)} – {local_time(head.end)}"
    names = ("Báo cáo", "Phạm vi", "Thời gian", "Lập lúc") if language == "vi" else ("Report", "Scope", "Period", "Made at")
    return list(zip(names, (head.title, head.scope, period, local_time(head.made_at)), strict=True))


_WIDE: Final = frozenset({"path", "name", "title", "explanations", "steps", "causes"})


def _serial(cell: int, kind: Kind) -> float:
    """A number as sheets keep it: days since 30 December 1899 for times, days for durations."""
    if kind == "time":
        return (cell / 1000 + 7 * 3600) / 86400 + 25569
    return cell / 86_400_000 if kind == "duration" else cell


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _escape(text: str) -> str:
    return html.escape(text, quote=True)
