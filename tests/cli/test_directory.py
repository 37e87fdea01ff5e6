from __future__ import annotations

from pathlib import Path

from cli.directory import default_directory, load_directory, open_store, units_text
from config import load, load_keys
from signaling.memory_store import MemoryStore

CSV = "code,name,parent,kind\nVN,Việt Nam,,country\n79,Thành phố Hồ Chí Minh,VN,province\n"


async def test_what_was_imported_is_in_force_else_the_default() -> None:
    store = MemoryStore()
    empty = load(None, {"directory.source": "empty"})
    assert (await load_directory(store, empty)).units == ()
    assert len((await load_directory(store, load())).points) == 11_367
    await store.put_directory(CSV)
    for settings in (empty, load()):
        assert [unit.code for unit in (await load_directory(store, settings)).units] == ["VN", "79"]


async def test_the_store_is_the_configured_one(tmp_path: Path) -> None:
    settings = load(None, {"data_dir": tmp_path, "redis.prefix": "{x}:"})
    store = open_store(settings, load_keys(tmp_path))
    assert store.key("log", "main") == "{x}:log:main"
    await store.close()


def test_the_text_of_the_default_is_a_units_file() -> None:
    assert units_text(default_directory(load(None, {"directory.source": "empty"}))).strip() == "code,name,parent,kind"
