"""`diemcau account` against a private Valkey of the test's own."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from cli.account import demo_login, new_password
from cli.directory import load_directory, open_store
from cli.errors import EXIT_USAGE
from cli.main import main
from config import Settings, load_keys
from signaling.account_changes import find_account
from signaling.accounts import AccountRecord
from signaling.passwords import is_password, new_hasher
from signaling.store import Store
from tests.signaling.servers import Valkey

CSV = """code,name,parent,kind
VN,Việt Nam,,country
79,Thành phố Hồ Chí Minh,VN,province
80,Long An,VN,province
"""


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("account"))
    server.start()
    units = server.data_dir / "units.csv"
    units.write_text(CSV, encoding="utf-8")
    assert main(["units", "import", str(units), "--data-dir", str(server.data_dir)]) == 0
    yield server
    server.stop()


_Result = TypeVar("_Result")
Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def account(valkey: Valkey, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Said:
    def run(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        capsys.readouterr()
        status = main(["account", *words, "--data-dir", str(valkey.data_dir)])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def kept(valkey: Valkey, name: str) -> AccountRecord:
    async def read() -> AccountRecord | None:
        return await in_store(valkey, lambda store: find_account(store, name))

    record = asyncio.run(read())
    assert record is not None
    return record


async def in_store(valkey: Valkey, work: Callable[[Store], Awaitable[_Result]]) -> _Result:
    settings = Settings(data_dir=valkey.data_dir)
    store = open_store(settings, load_keys(valkey.data_dir))
    try:
        return await work(store)
    finally:
        await store.close()


def test_the_first_national_center(valkey: Valkey, account: Said) -> None:
    status, out, err = account("add", "thutuong", "--role", "center", "--scope", "VN", "--display-name", "Trung tâm")
    assert status == 0
    assert "the national center" in err
    assert "/login" in err
    record = kept(valkey, "thutuong")
    assert (record.role, record.scope, record.display_name, record.made_by) == ("center", ("VN",), "Trung tâm", "command line")
    assert is_password(record.password_hash, out.strip(), new_hasher())
    assert account("list")[1] == "thutuong\tcenter\tenabled\tVN\tTrung tâm\n"


def test_a_life(valkey: Valkey, account: Said) -> None:
    typed = "mật khẩu của Hoa\n"
    status, out, err = account("add", "Hoa", "--role", "operator", "--scope", "79", "--password-stdin", typed=typed)
    assert (status, out) == (0, "")
    assert "mật khẩu" not in err
    assert is_password(kept(valkey, "hoa").password_hash, "mật khẩu của Hoa", new_hasher())
    assert account("role", "hoa", "--scope", "79", "--scope", "80", "--role", "observer")[0] == 0
    assert (kept(valkey, "hoa").scope, kept(valkey, "hoa").role, kept(valkey, "hoa").generation) == (("79", "80"), "observer", 1)
    status, new, _ = account("password", "hoa")
    assert status == 0
    assert is_password(kept(valkey, "hoa").password_hash, new.strip(), new_hasher())
    assert account("disable", "hoa")[0] == 0
    assert "hoa\tobserver\tdisabled\t79,80\thoa\n" in account("list")[1]
    assert account("enable", "hoa")[0] == 0
    record = kept(valkey, "hoa")
    assert (record.is_disabled, record.generation, record.version) == (False, 3, 5)

    async def generations() -> object:
        return await in_store(valkey, lambda store: store.generations())

    assert asyncio.run(generations()) == {"account:hoa": 3}, "a running service is told"


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (["add", "a b", "--role", "center", "--scope", "VN"], "", "lower-case letters"),
        (["add", "b", "--role", "center", "--scope", "nowhere"], "", "no unit"),
        (["add", "b", "--role", "center", "--scope", "VN", "--password-stdin"], "ngắn\n", "10 to 200"),
        (["disable", "nobody"], "", "no such account"),
        (["role", "nobody", "--role", "center"], "", "no such account"),
    ],
)
def test_what_cannot_be(account: Said, words: list[str], typed: str, said: str) -> None:
    before = account("list")[1]
    status, out, err = account(*words, typed=typed)
    assert (status, out) == (1, "")
    assert said in err
    assert account("list")[1] == before


def test_names_are_used_once(account: Said) -> None:
    assert account("add", "minh", "--role", "operator", "--scope", "79")[0] == 0
    status, _, err = account("add", "minh", "--role", "operator", "--scope", "79")
    assert status == 1
    assert "taken" in err


@pytest.mark.parametrize(
    "words",
    [
        ["role", "minh"],
        ["add"],
        ["list", "minh"],
        ["add", "c", "--role", "center"],
        ["disable", "minh", "--role", "center"],
        ["enable", "minh", "--password-stdin"],
    ],
)
def test_words_that_do_not_go_together(account: Said, words: list[str]) -> None:
    assert account(*words)[0] == EXIT_USAGE


def test_without_a_store_it_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["account", "list", "--data-dir", str(tmp_path)]) == 1
    assert "start the service first" in capsys.readouterr().err


def test_made_passwords_differ_and_are_easy_to_type() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(each) == 23 and not set(each) & set("ilo01") for each in made)


def test_the_demo_has_a_new_password_each_time(valkey: Valkey) -> None:
    async def log_in() -> str:
        settings = Settings(data_dir=valkey.data_dir)

        async def make(store: Store) -> str:
            return await demo_login(store, await load_directory(store, settings), "demo-trungtam", "center")

        return await in_store(valkey, make)

    first, second = asyncio.run(log_in()), asyncio.run(log_in())
    record = kept(valkey, "demo-trungtam")
    assert (record.role, record.scope, record.generation) == ("center", ("VN",), 1)
    assert is_password(record.password_hash, second, new_hasher())
    assert not is_password(record.password_hash, first, new_hasher())
