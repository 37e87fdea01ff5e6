from __future__ import annotations

import asyncio
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.units_csv import read_units
from cli.directory import default_directory, units_text
from cli.main import main
from cli.national import national_directory
from config import load
from signaling.redis_store import RedisStore
from tests.signaling.servers import Valkey

CSV = "code,name,parent,kind\nVN,Việt Nam,,country\n79,Thành phố Hồ Chí Minh,VN,province\n26740,Phường Bến Nghé,79,commune\n"


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("units"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def flags(valkey: Valkey, request: pytest.FixtureRequest) -> list[str]:
    return ["--data-dir", str(valkey.data_dir), "--set", f"redis.prefix=t{zlib.crc32(request.node.name.encode())}:"]


def stored(valkey: Valkey, flags: list[str]) -> str | None:
    async def read() -> str | None:
        store = RedisStore(valkey.url, flags[-1].partition("=")[2])
        try:
            return await store.get_directory()
        finally:
            await store.close()

    return asyncio.run(read())


def test_import_and_list(valkey: Valkey, flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "units.csv"
    file.write_text(CSV, encoding="utf-8-sig")
    assert main(["units", "import", str(file), *flags]) == 0
    assert capsys.readouterr().out.startswith("3 units, 2 points")
    text = stored(valkey, flags)
    assert text is not None
    assert read_units(text).version == read_units(CSV).version
    assert main(["units", "list", *flags]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "VN\tcountry\tViệt Nam\t",
        "79\tprovince\tThành phố Hồ Chí Minh\tViệt Nam",
        "26740\tcommune\tPhường Bến Nghé\tViệt Nam › Thành phố Hồ Chí Minh",
    ]


def test_nothing_is_imported_when_a_line_is_wrong(
    valkey: Valkey, flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "units.csv"
    file.write_text(CSV + "26743,,79,commune\n26746,Phường Đa Kao,79,commune\n26746,Phường Tân Định,79,commune\n")
    assert main(["units", "import", str(file), *flags]) == 1
    said = capsys.readouterr().err
    assert "nothing was imported" in said
    assert "line 5, name:" in said
    assert stored(valkey, flags) is None


@pytest.mark.parametrize(
    ("raw", "said"), [(b"\xff\xfe", "is not UTF-8"), (b"x" * (16 * 2**20 + 1), "larger than 16 MiB"), (None, "cannot read")]
)
def test_files_that_cannot_be_used(
    flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], raw: bytes | None, said: str
) -> None:
    file = tmp_path / "units.csv"
    if raw is not None:
        file.write_bytes(raw)
    assert main(["units", "import", str(file), *flags]) == 1
    assert said in capsys.readouterr().err


def test_the_input_is_a_file_too(
    valkey: Valkey, flags: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(CSV.encode())))
    assert main(["units", "import", "-", *flags]) == 0
    assert stored(valkey, flags) is not None


def test_back_to_the_national_directory(valkey: Valkey, flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["units", "national", *flags]) == 0
    text = stored(valkey, flags)
    assert text is not None
    assert read_units(text).version == national_directory().version


@pytest.mark.parametrize("search", ["ben nghe", "Bến Nghé", "BEN NGHE", "26740"])
def test_searching_is_easy_on_diacritics(flags: list[str], capsys: pytest.CaptureFixture[str], search: str) -> None:
    """Nothing was imported here: the default directory is listed."""
    assert main(["units", "list", "--search", search, *flags]) == 0
    assert "26740\tcommune\tPhường Bến Nghé\tViệt Nam › Thành phố Hồ Chí Minh › Quận 1" in capsys.readouterr().out


def test_without_a_store_the_user_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["list"], ["national"]):
        assert main(["units", *words, "--data-dir", str(tmp_path)]) == 1
        assert "start the service first" in capsys.readouterr().err


def test_files_are_for_import_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["import"], ["list", "x.csv"]):
        assert main(["units", *words, "--data-dir", str(tmp_path)]) == 2
        assert "takes one file" in capsys.readouterr().err


def test_the_default_directory_follows_the_setting() -> None:
    assert len(default_directory(load(None, {"directory.source": "empty"})).units) == 0
    assert len(default_directory(load()).units) == 11_368


def test_units_survive_their_file() -> None:
    directory = read_units(CSV)
    assert read_units(units_text(directory)).version == directory.version
