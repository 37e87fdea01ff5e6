"""A service whose directory is that of 2 September, imported as an operator imports it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.harness.nation_2_september import south
from tests.harness.service import ROOT, Service, start_service

STORM: Final = {"LIMITS__JOINS_PER_S": "5000", "LIMITS__JOINS_PER_ADDRESS_PER_S": "5000"}
"""All points come from one address, and tests have no time for the queue in front of the usual 400 a second."""


@contextlib.contextmanager
def start_south(folder: Path, communes: int | None = None) -> Iterator[Service]:
    """Starts it twice: units are read at the start.

    Args:
        folder: where the data folder and the log go.
        communes: how many there are; None: all that make 2,594 points.
    """
    directory = south(communes)
    wanted = [] if communes is None else ["--communes", str(communes)]
    with start_service(folder) as first:
        made = [sys.executable, "-m", "tests.harness.nation_2_september", *wanted]
        units = subprocess.run(made, cwd=ROOT, capture_output=True, check=True)
        command = [sys.executable, "-m", "cli.main", "units", "import", "-", "--data-dir", str(first.data_dir)]
        imported = subprocess.run(command, cwd=ROOT, input=units.stdout, capture_output=True, check=False)
        said = f"{len(directory.units)} units, {len(directory.points)} points"
        assert imported.stdout.decode().startswith(said), imported.stderr.decode()
    with start_service(folder, STORM) as service:
        yield service
