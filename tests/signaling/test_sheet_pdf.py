from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
import segno

from signaling.sheet_layout import Page, Row
from signaling.sheet_pdf import BOLD, INSTRUCTION, MONO, cut, dark, draw_sheets, path_of, qr_of, wrapped

LINK = "https://diemcau.example.vn/p/{}#DQrkq_PuPpGBtFyQOUIV7J"
LETTERS = "àằầèềìòồờùừỳ ảẳẩẻểỉỏổởủửỷ ãẵẫẽễĩõỗỡũữỹ áắấéếíóốớúứý ạặậẹệịọộợụựỵ ăâđêôơư"
ROW = Row("26740", "Phường Bến Nghé", "Việt Nam › Thành phố Hồ Chí Minh › Quận 1")


def page(*rows: Row, is_continued: bool = False) -> Page:
    return Page("Quận 1", "Việt Nam › Thành phố Hồ Chí Minh", len(rows), is_continued, rows)


def pdf(pages: Sequence[Page], link: str = LINK) -> bytes:
    out = io.BytesIO()
    draw_sheets(out, pages, link.format, "22/11/2026")
    return out.getvalue()


def text_of(content: bytes) -> list[str]:
    """The text of each page, as a reader of the file finds it."""
    found = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, stdout=subprocess.PIPE, check=True)
    return found.stdout.decode().split("\f")[:-1]


def decoded(image: cv2.typing.MatLike) -> str:
    """What OpenCV's reader finds in a picture. Of its two the newer one: the older gives up on one good code in some hundreds."""
    found, *_ = cv2.QRCodeDetectorAruco().detectAndDecode(image)
    return found


@pytest.mark.parametrize("code", ["26740", "VN", "Long-Binh.2"])
@pytest.mark.parametrize(
    "host", ["https://diemcau.example.vn", "http://127.0.0.1:8080", "https://hop-truc-tuyen.bo-y-te.example.vn/x"]
)
def test_the_code_holds_the_link(host: str, code: str) -> None:
    link = LINK.format(code).replace("https://diemcau.example.vn", host)
    picture = io.BytesIO()
    qr_of(link).save(picture, kind="png", scale=8, border=4)
    image = cv2.imdecode(np.frombuffer(picture.getvalue(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    assert decoded(image) == link


def test_what_is_drawn_is_the_code() -> None:
    """The rectangles, painted here by hand, can be read."""
    path, side = path_of(qr_of(LINK.format("26740")))
    image = np.full((side, side), 255, np.uint8)
    for x, y, width, height in re.findall(r"(\d+) (\d+) (\d+) (\d+) re", path):
        assert height == "1"
        image[side - 1 - int(y), int(x) : int(x) + int(width)] = 0
    assert (image[:4] == 255).all()
    assert (image[:, -4:] == 255).all()
    assert decoded(np.kron(image, np.ones((8, 8), np.uint8))) == LINK.format("26740")


def test_the_printed_page_can_be_scanned() -> None:
    rendered = subprocess.run(
        ["pdftoppm", "-r", "200", "-png", "-"], input=pdf([page(ROW)]), stdout=subprocess.PIPE, check=True
    ).stdout
    image = cv2.imdecode(np.frombuffer(rendered, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    assert image.shape == (2339, 1654)  # A4 at 200 dots per inch
    assert decoded(image) == LINK.format("26740")


def test_codes_stand_some_dirt() -> None:
    assert qr_of(LINK.format("26740")).error in {"M", "Q", "H"}
    assert not qr_of("x").is_micro


@pytest.mark.parametrize(("row", "runs"), [((0, 0), []), ((1, 1, 0, 1), [(0, 2), (3, 1)]), ((0, 1), [(1, 1)])])
def test_runs_of_dark_modules(row: tuple[int, ...], runs: list[tuple[int, int]]) -> None:
    assert dark(bytes(row)) == runs


def test_every_vietnamese_letter_is_printed_and_found_again() -> None:
    rows = [Row("1", LETTERS, LETTERS.upper())]
    (text,) = text_of(pdf([page(*rows)]))
    words = set(text.split())
    assert set(LETTERS.split()) <= words
    assert set(LETTERS.upper().split()) <= words


def test_a_page_has_heading_rows_and_its_number() -> None:
    first, second = text_of(pdf([page(ROW, Row("26743", "Phường Bến Thành", "")), page(ROW, is_continued=True)]))
    assert "Liên kết điểm cầu · 2 điểm cầu" in first
    assert "Quận 1\n" in first
    assert "In ngày 22/11/2026 · Trang 1/2" in first
    assert "Phường Bến Thành" in first
    assert first.count(INSTRUCTION) == 2
    assert LINK.format("26740") in first
    assert LINK.format("26743") in first
    assert "Quận 1 (tiếp)" in second
    assert "Trang 2/2" in second


def test_fonts_travel_with_the_file() -> None:
    content = pdf([page(ROW)])
    listed = subprocess.run(["pdffonts", "-"], input=content, stdout=subprocess.PIPE, check=True).stdout.decode()
    used = [line.split() for line in listed.splitlines()[2:] if not line.startswith("Helvetica")]
    assert {line[0].partition("+")[2] for line in used} == {"NotoSans-Regular", "NotoSans-Bold", "SpaceMono-Regular"}
    assert {tuple(line[-5:-2]) for line in used} == {("yes", "yes", "yes")}  # embedded, subset, with its Unicode


def test_a_long_link_is_cut_and_stays_whole() -> None:
    link = "https://" + "a" * 90 + ".example.vn/p/{}#DQrkq_PuPpGBtFyQOUIV7J"
    (text,) = text_of(pdf([page(Row("26740", "Phường 10", ""))], link))
    assert link.format("26740") in "".join(text.split())
    assert "".join(cut("x" * 200, MONO, 9, 100)) == "x" * 200


def test_a_long_name_is_broken_and_then_clipped() -> None:
    assert wrapped("Phường 10", BOLD, 13, 400, 2) == ["Phường 10"]
    assert wrapped("", BOLD, 13, 400, 2) == []
    lines = wrapped("Phường " * 40, BOLD, 13, 200, 2)
    assert len(lines) == 2
    assert not lines[0].endswith("…")
    assert lines[1].endswith("…")
    assert wrapped("x" * 500, BOLD, 13, 200, 1)[0].endswith("…")


def test_a_code_for_each_row_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def spy(link: str) -> segno.QRCode:
        made.append(link)
        return qr_of(link)

    monkeypatch.setattr("signaling.sheet_pdf.qr_of", spy)
    pdf([page(*(Row(str(number), "x", "") for number in range(7)))])
    assert made == [LINK.format(number) for number in range(7)]
