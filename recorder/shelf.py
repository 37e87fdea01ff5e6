"""Where recordings lie: ``<recordings>/<session>/<name>-<number>.mkv``, beside each a ``.json`` that says what it is.

The disk is never filled: no part begins or goes on when all recordings together have reached their bound, or when less is free
than shall be. A part that its writer left (the process was killed) is finished at the next start.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from recorder import matroska
from recorder.ebml import EbmlError

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
STATUS: Final = "status.json"


class ShelfFull(Exception):  # noqa: N818 (named for what it means)
    """No room. ``notice`` is ``quota`` or ``disk_low``."""

    def __init__(self, notice: str) -> None:
        super().__init__(notice)
        self.notice = notice


class Shelf:
    """The folder of all recordings.

    Args:
        folder: made where it is not there.
        max_bytes: what all of it may take; 0: no bound.
        min_free_bytes: what stays free on its disk.
    """

    def __init__(self, folder: Path, *, max_bytes: int, min_free_bytes: int) -> None:
        self._folder, self._max_bytes, self._min_free_bytes = folder, max_bytes, min_free_bytes
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def check_room(self) -> None:
        """Looks whether anything may be written.

        Raises:
            ShelfFull: no.
        """
        if shutil.disk_usage(self._folder).free < self._min_free_bytes:
            raise ShelfFull("disk_low")
        if self._max_bytes and self.used_bytes() >= self._max_bytes:
            raise ShelfFull("quota")

    def used_bytes(self) -> int:
        """What all recordings take."""
        return sum(path.stat().st_size for path in self._folder.glob("*/*.mkv"))

    def open(self, session: str, name: str) -> tuple[BinaryIO, Path]:
        """A new part's file, its number one above all of that name.

        Raises:
            ShelfFull: there is no room.
            OSError: the disk refuses.
            ValueError: not names that could be a file's.
        """
        if not CODE.fullmatch(session) or not CODE.fullmatch(name):
            raise ValueError(f"not names of a session and a part: {session!r}, {name!r}")
        self.check_room()
        folder = self._folder / session
        folder.mkdir(mode=0o700, exist_ok=True)
        numbers = [int(path.stem.rpartition("-")[2]) for path in folder.glob(f"{name}-[0-9][0-9][0-9]*.mkv")]
        path = folder / f"{name}-{max(numbers, default=0) + 1:03d}.mkv"
        return path.open("x+b"), path

    def describe(self, path: Path, said: Mapping[str, Any]) -> None:
        """Writes what a part is beside it; whole or not at all."""
        self._write(path.with_suffix(".json"), said)

    def tell(self, session: str, status: Mapping[str, Any]) -> None:
        """Says how it goes with a session's recording."""
        folder = self._folder / session
        folder.mkdir(mode=0o700, exist_ok=True)
        self._write(folder / STATUS, status)

    @staticmethod
    def _write(path: Path, said: Mapping[str, Any]) -> None:
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        draft.replace(path)

    def recover(self) -> list[str]:
        """Finishes what was left, and removes what holds nothing; gives the parts that were finished."""
        finished = []
        for path in sorted(self._folder.glob("*/*.mkv")):
            beside = path.with_suffix(".json")
            try:
                said = json.loads(beside.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                said = {}
            if said.get("state") == "ready":
                continue
            try:
                with path.open("r+b") as file:
                    length_ms = matroska.recover(file, chapters_of(said, None))
                    os.fsync(file.fileno())
            except EbmlError:
                path.unlink()
                with contextlib.suppress(OSError):
                    beside.unlink()
                continue
            for stretch in said.get("shown", []):
                stretch["to_ms"] = length_ms if stretch.get("to_ms") is None else stretch["to_ms"]
            said |= {"state": "ready", "recovered": True, "length_ms": length_ms, "bytes": path.stat().st_size}
            self.describe(path, said)
            finished.append(f"{path.parent.name}/{path.name}")
        return finished


def chapters_of(said: Mapping[str, Any], length_ms: int | None) -> list[matroska.Chapter]:
    """A chapter for every stretch of who was shown."""
    chapters = []
    for stretch in said.get("shown", []):
        end_ms = stretch["to_ms"] if stretch["to_ms"] is not None else length_ms
        chapters.append(matroska.Chapter(stretch["from_ms"], stretch["from_ms"] if end_ms is None else end_ms, stretch["name"]))
    return chapters
