from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.errors import EXIT_USAGE, CommandError
from cli.main import main
from cli.sheets import write_private
from tests.signaling.servers import Valkey

CSV = """code,name,parent,kind
VN,Việt Nam,,country
79,Thành phố Hồ Chí Minh,VN,province
760,Quận 1,79,district
26740,Phường Bến Nghé,760,commune
26743,Phường Bến Thành,760,commune
"""


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("sheets"))
    server.start()
    units = server.data_dir / "units.csv"
    units.write_text(CSV, encoding="utf-8")
    assert main(["units", "import", str(units), "--data-dir", str(server.data_dir)]) == 0
    yield server
    server.stop()


@pytest.fixture
def flags(valkey: Valkey) -> list[str]:
    return ["--data-dir", str(valkey.data_dir), "--set", "http.public_url=https://diemcau.example.vn"]


def links(flags: list[str], capsys: pytest.CaptureFixture[str], *codes: str) -> list[str]:
    capsys.readouterr()
    assert main(["link", *codes, *flags]) == 0
    return capsys.readouterr().out.split()


def test_the_sheets_hold_the_links_of_the_imported_units(
    flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "q1.pdf"
    assert main(["sheets", "79", "--out", str(out), *flags]) == 0
    assert capsys.readouterr().out == f"{out}: 4 points, 2 pages; whoever has a sheet can enter\n"
    assert out.stat().st_mode & 0o777 == 0o600
    text = subprocess.run(["pdftotext", "-layout", str(out), "-"], stdout=subprocess.PIPE, check=True).stdout.decode()
    assert "Phường Bến Thành" in text
    for link in links(flags, capsys, "79", "760", "26740", "26743"):
        assert link in text


def test_replaced_links_are_printed_as_they_are_now(flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (old,) = links(flags, capsys, "26743")
    assert main(["link", "--rotate", "26743", *flags]) == 0
    (new,) = links(flags, capsys, "26743")
    out = tmp_path / "x.pdf"
    assert main(["sheets", "26743", "--out", str(out), *flags]) == 0
    text = subprocess.run(["pdftotext", "-layout", str(out), "-"], stdout=subprocess.PIPE, check=True).stdout.decode()
    assert new in text
    assert old not in text


def test_the_file_is_named_after_the_unit(
    flags: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["sheets", "26740", "79", *flags]) == 0
    assert (tmp_path / "links-26740.pdf").read_bytes().startswith(b"%PDF-")


def test_the_output_is_a_file_too(flags: list[str], capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["sheets", "26740", "--out", "-", *flags]) == 0
    assert capfdbinary.readouterr().out.startswith(b"%PDF-")


@pytest.mark.parametrize(("unit", "status", "said"), [("../x", EXIT_USAGE, "is no code"), ("99999", 1, "units list --search")])
def test_units_that_are_not(
    flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], unit: str, status: int, said: str
) -> None:
    out = tmp_path / "x.pdf"
    assert main(["sheets", unit, "--out", str(out), *flags]) == status
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_without_a_store_the_user_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sheets", "79", "--data-dir", str(tmp_path)]) == 1
    assert "Start the service first" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(CommandError, match="cannot write"):
        write_private(tmp_path / "folder", b"x")
    with pytest.raises(CommandError, match="cannot write"):
        write_private(tmp_path / "none" / "x.pdf", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_an_older_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(b"old and long")
    path.chmod(0o644)
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
