from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest
import structlog

from cli import files
from cli.files import raise_open_files


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_limit_is_raised_as_far_as_allowed() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    assert raise_open_files() == min(files.WANTED, hard if hard != resource.RLIM_INFINITY else files.WANTED)


def test_a_limit_that_stays_too_low_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 1024))
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    with structlog.testing.capture_logs() as said:
        assert raise_open_files() == 1024
    assert said[0]["event"] == "open_files_limited"
    assert "ulimit -n" in said[0]["hint"]
