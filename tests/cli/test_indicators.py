from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import indicators
from cli.main import main
from tests.signaling.servers import Valkey

UNITS = (
    "code,name,parent,kind\nVN,Việt Nam,,country\n79,Thành phố Hồ Chí Minh,VN,province\n773,Quận 4,79,district\n"
    "27286,Phường 10,773,commune\n27289,Phường 13,773,commune\n"
)
TABLE = "unit,date,ca mới,vùng\n27286,2021-09-02,5,\n27286,2021-09-08,50,\nPhường 13,02/09/2021,30,xanh\n773,2021-09-02,,đỏ\n"


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("indicators"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def flags(valkey: Valkey, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The flags of a store of this test alone, with a small directory."""
    made = ["--data-dir", str(valkey.data_dir), "--set", f"redis.prefix=t{zlib.crc32(request.node.name.encode())}:"]
    units = tmp_path / "units.csv"
    units.write_text(UNITS)
    assert main(["units", "import", str(units), *made]) == 0
    capsys.readouterr()
    return made


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "02-09.csv"
    path.write_text(TABLE, encoding="utf-8-sig")
    return path


def test_import_list_and_show(flags: list[str], table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["indicators", "import", str(table), *flags]) == 0
    assert capsys.readouterr().out == "5 values of 3 units: ca mới (number), vùng (category); import 1\n"
    assert main(["indicators", "list", *flags]) == 0
    first, second, note = capsys.readouterr().out.splitlines()
    assert first == "ca mới\tnumber\t2 units\t2021-09-02\t2021-09-08"
    assert second == "vùng\tcategory\t2 units\t2021-09-02\t2021-09-02"
    assert note.split("\t")[0] == "import 1"
    assert note.split("\t")[3:] == ["02-09.csv", "5 values", "ca mới, vùng"]
    assert note.split("\t")[2].startswith("cli:")
    assert main(["indicators", "show", "Ca mới", *flags]) == 0
    assert capsys.readouterr().out.splitlines() == ["27286\tPhường 10\t50\t2021-09-08", "27289\tPhường 13\t30\t2021-09-02"]


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["--date", "2021-09-05"], ["27286", "27289"]),
        (["--date", "1/9/2021"], []),
        (["--sort", "ca mới"], ["27289", "27286"]),
        (["--sort=-ca mới"], ["27286", "27289"]),
        (["--filter", "ca mới > 40"], ["27286"]),
        (["--filter", "vùng = đỏ"], []),
        (["--filter", "vùng = đỏ", "--inherited"], ["27286"]),
        (["--unit", "27289"], ["27289"]),
    ],
)
def test_what_is_shown(
    flags: list[str], table: Path, capsys: pytest.CaptureFixture[str], words: list[str], codes: list[str]
) -> None:
    main(["indicators", "import", str(table), *flags])
    capsys.readouterr()
    assert main(["indicators", "show", "ca mới", *words, *flags]) == 0
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == codes


def test_ranks_and_history(flags: list[str], table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["indicators", "import", str(table), *flags])
    capsys.readouterr()
    assert main(["indicators", "show", "ca mới", "--earlier", "2021-09-05", *flags]) == 0
    assert [line.split("\t")[4:] for line in capsys.readouterr().out.splitlines()] == [["#1", "+1"], ["#2", "-1"]]
    assert main(["indicators", "show", "ca mới", "--earlier", "2021-09-01", *flags]) == 0
    assert [line.split("\t")[4:] for line in capsys.readouterr().out.splitlines()] == [["#1", "new"], ["#2", "new"]]
    assert main(["indicators", "show", "ca mới", "--unit", "27286", "--history", *flags]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [cells[:2] for cells in lines] == [["2021-09-02", "5"], ["2021-09-08", "50"]]
    assert lines[0][2].endswith("02-09.csv")


def test_a_dry_run_only_checks(flags: list[str], table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["indicators", "import", str(table), "--dry-run", *flags]) == 0
    assert capsys.readouterr().out.endswith("; nothing was imported\n")
    assert main(["indicators", "list", *flags]) == 0
    assert capsys.readouterr().out == ""


def test_nothing_is_imported_when_a_line_is_wrong(flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("unit,date,x\n79,2021-09-02,1\n" + "80,2021-09-02,1\n" * 60)
    assert main(["indicators", "import", str(file), *flags]) == 1
    said = capsys.readouterr().err.splitlines()
    assert "nothing was imported" in said[0]
    assert said[1].startswith("  line 3, unit: ")
    assert (len(said), said[-1]) == (52, "  and 10 more")
    assert main(["indicators", "list", *flags]) == 0
    assert capsys.readouterr().out == ""


def test_the_input_is_a_file_too(flags: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TABLE.encode())))
    assert main(["indicators", "import", "-", *flags]) == 0
    assert "import 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("raw", "said"), [(b"\xff\xfe", "is not UTF-8"), (b"x" * (4 * 2**20 + 1), "larger than 4 MiB"), (None, "cannot read")]
)
def test_files_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str], raw: bytes | None, said: str) -> None:
    file = tmp_path / "x.csv"
    if raw is not None:
        file.write_bytes(raw)
    assert main(["indicators", "import", str(file), "--data-dir", str(tmp_path)]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["show", "deaths"], 1, "There is no indicator “deaths”"),
        (["show", "ca mới", "--filter", "ca mới >"], 1, "wrong at character 9"),
        (["show", "ca mới", "--sort", "deaths"], 1, "There is no indicator"),
        (["show", "ca mới", "--unit", "nowhere"], 1, "no unit “nowhere”"),
        (["show", "ca mới", "--date", "tomorrow"], 2, "--date: 'tomorrow' is no date"),
        (["show", "ca mới", "--history"], 2, "--history needs --unit"),
        (["show", "vùng", "--earlier", "2021-09-02"], 1, "cannot be ranked"),
        (["show"], 2, "show NAME a name"),
        (["list", "x"], 2, "the other actions neither"),
        (["forget"], 2, "forget needs --before"),
    ],
)
def test_what_is_refused(
    flags: list[str], table: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: int, said: str
) -> None:
    main(["indicators", "import", str(table), *flags])
    assert main(["indicators", *words, *flags]) == status
    assert said in capsys.readouterr().err


def test_old_imports_are_forgotten(
    flags: list[str], table: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(5):
        monkeypatch.setattr(indicators, "_now_ms", lambda day=day: 1_795_000_000_000 + day * 86_400_000)
        assert main(["indicators", "import", str(table), *flags]) == 0
    capsys.readouterr()
    assert main(["indicators", "forget", "--before", "2026-11-20", *flags]) == 0
    assert capsys.readouterr().out.startswith("2 imports removed")
    assert main(["indicators", "list", *flags]) == 0
    assert [line.split("\t")[:2] for line in capsys.readouterr().out.splitlines()[2:]] == [
        ["import 5", "2026-11-22"],
        ["import 4", "2026-11-21"],
        ["import 3", "2026-11-20"],
    ]


def test_without_a_store_the_user_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["indicators", "list", "--data-dir", str(tmp_path)]) == 1
    assert "start the service first" in capsys.readouterr().err
