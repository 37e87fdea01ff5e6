from __future__ import annotations

import os
from pathlib import Path

import pytest

import config
from config.load import ConfigError, keys_of, load, nest, parse_assignment
from config.model import Settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("DIEMCAU_"):
            monkeypatch.delenv(name)


def test_file_then_environment_then_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "diemcau.toml"
    file.write_text('[http]\nport = 1001\nhost = "127.0.0.2"\npublic_url = "https://a.example"\n')
    assert load(file).http.port == 1001
    monkeypatch.setenv("DIEMCAU_HTTP__PORT", "1002")
    monkeypatch.setenv("DIEMCAU_HTTP__HOST", "127.0.0.3")
    assert load(file).http.port == 1002
    settings = load(file, {"http.port": 1003})
    assert (settings.http.port, settings.http.host, settings.http.public_url) == (1003, "127.0.0.3", "https://a.example")
    assert type(settings) is Settings


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "diemcau.toml"
    file.write_text("[http]\nport = 1001\n")
    monkeypatch.setenv("DIEMCAU_CONFIG", str(file))
    assert load().http.port == 1001


def test_lists_in_the_environment_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIEMCAU_HTTP__ORIGINS", '["https://a.example"]')
    assert load().http.origins == ["https://a.example"]
    monkeypatch.setenv("DIEMCAU_HTTP__ORIGINS", "https://a.example")
    with pytest.raises(ConfigError, match=r"DIEMCAU_HTTP__…: not valid JSON"):
        load()


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"http.prot": 1}, "http.prot: unknown setting; did you mean http.port?"),
        ({"nonsense": 1}, "nonsense: unknown setting; remove it"),
        ({"http.port": "x"}, "http.port: "),
        ({"http.port": 65536}, "http.port: "),
        ({"presence.heartbeat_s": 4}, "at most half of lease_s"),
        ({"lease.renew_s": 4}, "at most half of lease_s"),
        ({"redis.url": "http://x"}, "give redis://"),
        ({"redis.prefix": "a b"}, "redis.prefix: "),
        ({"media.host": "0.0.0.0"}, "media.announce"),
        ({"media.control": "7000"}, "unix:PATH or tcp:HOST:PORT"),
        ({"media.audio_ptime_ms": 30}, "10, 20, 40 or 60"),
        ({"help.hotline": "gọi kỹ thuật"}, "help.hotline: "),
        ({"media.control": "tcp:host"}, "tcp:HOST:PORT"),
        ({"http.public_url": "example.vn"}, "https://diemcau.example.vn"),
        ({"http.origins": ["https://a.example/"]}, "is no origin"),
        ({"sessions.open": ["../main"]}, "sessions.open.0: "),
        ({"log.level": "loud"}, "log.level: "),
        ({"calls.answer_timeout_s": 0}, "calls.answer_timeout_s: "),
    ],
)
def test_mistakes_are_named_with_what_to_do(overrides: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(None, overrides)
    assert said in str(refused.value)
    assert "config/sample.toml" in str(refused.value)


def test_every_mistake_has_a_line(tmp_path: Path) -> None:
    file = tmp_path / "diemcau.toml"
    file.write_text("[http]\nprot = 1\n[media]\nportt = 2\n")
    with pytest.raises(ConfigError) as refused:
        load(file)
    lines = str(refused.value).splitlines()
    assert len(lines) == 2
    assert all(str(file) in line for line in lines)


def test_unknown_variables_are_errors_and_those_of_tests_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIEMCAU_TEST_REDIS_URL", "redis://127.0.0.1")
    load()
    monkeypatch.setenv("DIEMCAU_HTPP__PORT", "1")
    with pytest.raises(ConfigError, match="DIEMCAU_HTPP__PORT: unknown setting; did you mean DIEMCAU_HTTP__PORT"):
        load()


def test_a_file_that_is_not_there_or_not_toml(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--config"):
        load(tmp_path / "absent.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("http = [")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load(broken)


def test_assignments() -> None:
    assert parse_assignment("http.port=8081") == ("http.port", 8081)
    assert parse_assignment("http.host=127.0.0.1") == ("http.host", "127.0.0.1")
    assert parse_assignment('http.origins=["https://a.example"]') == ("http.origins", ["https://a.example"])
    assert parse_assignment("redis.url=redis://h/?a=b") == ("redis.url", "redis://h/?a=b")
    with pytest.raises(ConfigError, match="KEY=VALUE"):
        parse_assignment("http.port")
    with pytest.raises(ConfigError, match=r"did you mean http\.port"):
        parse_assignment("http.prot=1")


def test_nesting() -> None:
    assert nest({"http.port": 1, "http.host": "h", "data_dir": "d", "media": {"port": 2}, "media.host": "m"}) == {
        "http": {"port": 1, "host": "h"},
        "data_dir": "d",
        "media": {"port": 2, "host": "m"},
    }


def test_the_package_gives_the_names_others_use() -> None:
    assert config.load is load
    assert "http.port" in set(keys_of())
