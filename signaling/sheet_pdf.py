"""The link sheets as PDF: A4, seven points a page, each with its QR code (ISO/IEC 18004) and its link in letters.

The fonts travel with the file (SIL Open Font License): Noto Sans has every Vietnamese letter, Space Mono tells 0 from O and
1 from l, since some will type the link. Codes are drawn as one path of rectangles: sharp at any size, and without the hairlines
that neighbouring shapes get when each is filled alone.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import IO, Any, Final

import pymupdf_fonts
import segno
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from signaling.sheet_layout import Page, Row

REGULAR, BOLD, MONO = "DiemCauText", "DiemCauBold", "DiemCauMono"
_FONTS: Final = {REGULAR: "notos", BOLD: "notosbo", MONO: "spacemo"}

MM: Final = 72 / 25.4
"""A millimetre in points of PDF (1/72 inch)."""

_WIDTH, _HEIGHT = 210 * MM, 297 * MM
_MARGIN: Final = 14 * MM
_HEADING: Final = 28 * MM
_ROW: Final = 34 * MM
_QR: Final = 31 * MM
_QUIET_MODULES: Final = 4
"""The quiet zone of ISO/IEC 18004 §9.1. It is inside of the 31 mm: a link of 56 characters has modules of 0.76 mm."""
_TEXT_X: Final = _MARGIN + _QR + 3 * MM
_TEXT_WIDTH: Final = _WIDTH - _MARGIN - _TEXT_X
_GREY, _BLACK = 0.35, 0.0

TITLE: Final = "Liên kết điểm cầu"
INSTRUCTION: Final = "Quét mã hoặc gõ địa chỉ trên vào trình duyệt; không đưa cho người khác."
WARNING: Final = "Ai có liên kết thì vào được điểm cầu: giữ kín, không chụp, không đăng. Nếu lộ, báo cấp trên để đổi."


def qr_of(link: str) -> segno.QRCode:
    """The QR code of a link: level M at least (15 % of it may be dirty), the mask that the standard's evaluation prefers."""
    return segno.make(link, error="m", micro=False)


def draw_sheets(out: IO[bytes], pages: Sequence[Page], link_of: Callable[[str], str], printed_on: str) -> None:
    """Write the PDF.

    Args:
        out: gets the file's bytes at the end.
        pages: see :func:`signaling.sheet_layout.pages_of`.
        link_of: the link of a point, by its code.
        printed_on: the date at the foot of each page, by which an older sheet is told from a newer one.
    """
    _register_fonts()
    canvas = Canvas(out, pagesize=(_WIDTH, _HEIGHT), pageCompression=1, lang="vi-VN")
    canvas.setTitle(TITLE)
    canvas.setCreator("Điểm Cầu")
    for number, page in enumerate(pages, start=1):
        _draw_heading(canvas, page)
        for place, row in enumerate(page.rows):
            _draw_row(canvas, row, link_of(row.code), _HEIGHT - 12 * MM - _HEADING - place * _ROW)
        _draw_footer(canvas, f"In ngày {printed_on} · Trang {number}/{len(pages)}")
        canvas.showPage()
    canvas.save()


def _register_fonts() -> None:
    known = set(pdfmetrics.getRegisteredFontNames())
    for name, source in _FONTS.items():
        if name not in known:
            pdfmetrics.registerFont(TTFont(name, io.BytesIO(pymupdf_fonts.fontbuffers[source]())))


def _draw_heading(canvas: Any, page: Page) -> None:
    top = _HEIGHT - 12 * MM
    _text(canvas, REGULAR, 9, _MARGIN, top - 4 * MM, f"{TITLE} · {page.point_count} điểm cầu", _GREY)
    name = f"{page.unit} (tiếp)" if page.is_continued else page.unit
    for line in wrapped(name, BOLD, 18, _WIDTH - 2 * _MARGIN, 1):
        _text(canvas, BOLD, 18, _MARGIN, top - 13 * MM, line)
    for line in wrapped(page.above, REGULAR, 11, _WIDTH - 2 * _MARGIN, 1):
        _text(canvas, REGULAR, 11, _MARGIN, top - 20 * MM, line, _GREY)
    _rule(canvas, top - _HEADING + 2 * MM)


def _draw_row(canvas: Any, row: Row, link: str, top: float) -> None:
    _draw_qr(canvas, link, _MARGIN, top - _QR)
    y = top - 6 * MM
    for line in wrapped(row.name, BOLD, 13, _TEXT_WIDTH, 2):
        _text(canvas, BOLD, 13, _TEXT_X, y, line)
        y -= 5.4 * MM
    for line in wrapped(row.path, REGULAR, 9, _TEXT_WIDTH, 2):
        _text(canvas, REGULAR, 9, _TEXT_X, y, line, _GREY)
        y -= 4 * MM
    y -= 0.8 * MM
    size = 10.5 if pdfmetrics.stringWidth(link, MONO, 10.5) <= _TEXT_WIDTH else 8.5
    for line in cut(link, MONO, size, _TEXT_WIDTH):
        _text(canvas, MONO, size, _TEXT_X, y, line)
        y -= 4 * MM
    _text(canvas, REGULAR, 8, _TEXT_X, y - 0.4 * MM, INSTRUCTION, _GREY)
    _rule(canvas, top - _ROW + 1.5 * MM)


def _draw_footer(canvas: Any, text: str) -> None:
    _text(canvas, REGULAR, 8, _MARGIN, 9 * MM, WARNING, _GREY)
    width = pdfmetrics.stringWidth(text, REGULAR, 8)
    _text(canvas, REGULAR, 8, _WIDTH - _MARGIN - width, 9 * MM, text, _GREY)


def _draw_qr(canvas: Any, link: str, x: float, y: float) -> None:
    path, modules = path_of(qr_of(link))
    scale = _QR / modules
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(scale, scale)
    canvas.setFillGray(_BLACK)
    canvas.addLiteral(f"{path} f")
    canvas.restoreState()


def path_of(code: segno.QRCode) -> tuple[str, int]:
    """The dark modules as operators of PDF (ISO 32000-1 §8.5.2), and the side of the square they are in, quiet zone included.

    A module is one unit; the origin is the lower left corner.
    """
    rows = code.matrix
    side = len(rows) + 2 * _QUIET_MODULES
    runs = [
        f"{_QUIET_MODULES + start} {side - _QUIET_MODULES - 1 - line} {length} 1 re"
        for line, row in enumerate(rows)
        for start, length in dark(row)
    ]
    return " ".join(runs), side


def dark(row: bytes | bytearray) -> list[tuple[int, int]]:
    """The runs of dark modules in a row: where each begins, and how long it is."""
    runs: list[tuple[int, int]] = []
    for place, module in enumerate(row):
        if not module:
            continue
        if runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((place, 1))
    return runs


def wrapped(text: str, font: str, size: float, width: float, line_limit: int) -> list[str]:
    """Break text between words into lines of that width, in points; what does not fit ends in “…”."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and pdfmetrics.stringWidth(longer, font, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > line_limit:
        lines[line_limit - 1 :] = [" ".join(lines[line_limit - 1 :])]
    return [_clipped(line, font, size, width) for line in lines]


def _clipped(line: str, font: str, size: float, width: float) -> str:
    if pdfmetrics.stringWidth(line, font, size) <= width:
        return line
    kept = line
    while kept and pdfmetrics.stringWidth(f"{kept}…", font, size) > width:
        kept = kept[:-1].rstrip()
    return f"{kept}…"


def cut(text: str, font: str, size: float, width: float) -> list[str]:
    """Cut a link, of which every character counts, into lines of that width, in points; the font is a monospaced one."""
    columns = max(1, int(width / pdfmetrics.stringWidth("0", font, size)))
    return [text[start : start + columns] for start in range(0, len(text), columns)]


def _text(canvas: Any, font: str, size: float, x: float, y: float, text: str, grey: float = _BLACK) -> None:
    canvas.setFont(font, size)
    canvas.setFillGray(grey)
    canvas.drawString(x, y, text)


def _rule(canvas: Any, y: float) -> None:
    canvas.setStrokeGray(0.75)
    canvas.setLineWidth(0.4)
    canvas.line(_MARGIN, y, _WIDTH - _MARGIN, y)
