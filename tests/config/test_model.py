from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from config import Settings, load, load_keys
from config.limits import MAX_SOCKET_PATH_BYTES


def test_settings_do_not_change() -> None:
    settings = load()
    with pytest.raises(ValidationError):
        settings.http.port = 1
    with pytest.raises(ValidationError):
        settings.data_dir = Path("x")


def test_sockets_are_in_the_data_folder_when_their_path_is_short_enough(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "d")
    assert settings.run_dir == tmp_path / "d" / "run"
    assert not settings.run_dir.exists()
    assert settings.control_address == f"unix:{settings.run_dir}/node.sock"


def test_sockets_are_elsewhere_when_their_path_is_too_long(tmp_path: Path) -> None:
    a, b = Settings(data_dir=tmp_path / ("a" * 120)), Settings(data_dir=tmp_path / ("b" * 120))
    assert a.run_dir != b.run_dir
    assert len(str(a.run_dir / "valkey.sock")) < MAX_SOCKET_PATH_BYTES
    assert a.run_dir.name.startswith("diemcau-")
    assert len(a.run_dir.name) == len("diemcau-") + 12
    made = a.ensure_run_dir()
    try:
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
    finally:
        made.rmdir()


def test_the_run_folder_is_ours_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "d")
    assert settings.ensure_run_dir() == settings.run_dir
    settings.run_dir.chmod(0o755)
    assert stat.S_IMODE(settings.ensure_run_dir().stat().st_mode) == 0o700
    settings.run_dir.rmdir()
    settings.run_dir.symlink_to(tmp_path)
    with pytest.raises(PermissionError, match="data_dir"):
        settings.ensure_run_dir()


def test_addresses_that_follow() -> None:
    assert load().public_url == "http://127.0.0.1:8080"
    assert load(None, {"http.host": "::1"}).public_url == "http://[::1]:8080"
    settings = load(None, {"http.public_url": "https://a.example/", "http.origins": ["https://b.example"]})
    assert settings.public_url == "https://a.example"
    assert settings.allowed_origins == {"https://a.example", "https://b.example"}
    assert load().media_announce == ("127.0.0.1",)
    assert load(None, {"media.announce": ["192.0.2.1", "192.0.2.2"]}).media_announce == ("192.0.2.1", "192.0.2.2")
    assert load(None, {"media.control": "tcp:10.0.0.5:7000"}).control_address == "tcp:10.0.0.5:7000"


def test_store_and_control_use_the_keys_unless_configured(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)
    settings = Settings(data_dir=tmp_path)
    assert settings.control_secret(keys) == keys.control_secret
    assert settings.redis_url(keys) == f"unix://:{keys.valkey_password}@{tmp_path}/run/valkey.sock"
    other = load(None, {"data_dir": tmp_path, "redis.url": "redis://h", "media.control_secret": "s"})
    assert (other.redis_url(keys), other.control_secret(keys)) == ("redis://h", "s")


def test_no_secret_is_shown() -> None:
    settings = load(None, {"redis.url": "redis://:hunter2@h", "media.control_secret": "hunter3"})
    assert "hunter" not in repr(settings)
    assert "hunter" not in str(settings)
