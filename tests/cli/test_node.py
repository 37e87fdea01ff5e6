from __future__ import annotations

import argparse
import errno
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

import sfu.node
from cli import node
from cli.errors import EXIT_CONFIG, CommandError
from config import Settings, load


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def run(settings: Settings) -> int:
    return node.run(settings, argparse.Namespace(), [])


def test_the_node_gets_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Settings] = []
    monkeypatch.setattr(sfu.node, "run_node", given.append)
    settings = load(None, {"data_dir": tmp_path})
    assert run(settings) == 0
    assert given == [settings]
    assert settings.run_dir.is_dir()


def test_a_port_in_use_is_named_with_its_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(settings: Settings) -> None:
        raise OSError(errno.EADDRINUSE, "Address already in use")

    monkeypatch.setattr(sfu.node, "run_node", refuse)
    with pytest.raises(CommandError, match=r"port 10000: Address already in use; .*DIEMCAU_MEDIA__PORT") as refused:
        run(load(None, {"data_dir": tmp_path}))
    assert refused.value.status == EXIT_CONFIG


def test_other_faults_keep_their_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(settings: Settings) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(sfu.node, "run_node", fail)
    with pytest.raises(OSError, match="Input/output error"):
        run(load(None, {"data_dir": tmp_path}))
