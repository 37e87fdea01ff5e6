from __future__ import annotations

import json
import multiprocessing
import stat
from pathlib import Path

import pytest

from config.keys import Keys, KeysError, load_keys


def test_keys_are_made_once_and_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    keys = load_keys(folder)
    assert load_keys(folder) == keys
    assert stat.S_IMODE((folder / "keys.json").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["keys.json"]
    assert len({keys.link_key, keys.token_key, keys.control_secret, keys.valkey_password}) == 4
    assert min(len(keys.link_key), len(keys.token_key), len(keys.control_secret)) >= 32


def test_two_folders_have_two_sets(tmp_path: Path) -> None:
    assert load_keys(tmp_path / "a") != load_keys(tmp_path / "b")


def test_processes_that_start_together_have_the_same_keys(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(load_keys, [tmp_path / "k"] * 12))) == 1


def test_a_missing_key_is_made_and_the_others_stay(tmp_path: Path) -> None:
    before = load_keys(tmp_path)
    path = tmp_path / "keys.json"
    stored = json.loads(path.read_text())
    del stored["token_key"]
    path.write_text(json.dumps(stored))
    after = load_keys(tmp_path)
    assert after.link_key == before.link_key
    assert after.token_key != before.token_key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"link_key": 1, "token_key": "", "control_secret": "", "valkey_password": ""}']
)
def test_a_damaged_file_is_not_replaced_silently(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    with pytest.raises(KeysError, match="damaged"):
        load_keys(tmp_path)
    assert path.read_text() == text


def test_short_keys_are_refused(tmp_path: Path) -> None:
    load_keys(tmp_path)
    path = tmp_path / "keys.json"
    stored = json.loads(path.read_text()) | {"link_key": "AAAA"}
    path.write_text(json.dumps(stored))
    with pytest.raises(KeysError):
        load_keys(tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeysError, match="data_dir"):
        load_keys(tmp_path / "file" / "sub")


def test_keys_are_not_shown(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)
    assert keys.control_secret not in repr(keys)
    assert repr(keys) == "Keys()"
    assert isinstance(keys, Keys)
