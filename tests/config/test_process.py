"""What a process knows of itself."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

import config.process
from config.process import resident_bytes


def test_it_is_what_others_see() -> None:
    mine, seen = resident_bytes(), psutil.Process(os.getpid()).memory_info().rss
    assert mine is not None
    assert abs(mine - seen) < 8 << 20


@pytest.mark.parametrize("text", ["", "12\n", "a b c\n"])
def test_a_system_that_does_not_tell(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    statm = tmp_path / "statm"
    statm.write_text(text)
    monkeypatch.setattr(config.process, "_STATM", statm)
    assert resident_bytes() is None
    statm.unlink()
    assert resident_bytes() is None
