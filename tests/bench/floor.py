"""The compiled floor (floor.c): what the machine itself takes per packet, measured in the same run as everything else."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("floor.c")


class FloorMissingError(RuntimeError):
    """The floor cannot be built; the text says what to install."""


def build() -> Path:
    """Compiles the floor into a temporary folder.

    Raises:
        FloorMissingError: no compiler, or no headers of OpenSSL.
    """
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise FloorMissingError("no C compiler: apt-get install gcc libssl-dev")
    target = Path(tempfile.mkdtemp(prefix="floor-")) / "floor"
    built = subprocess.run([compiler, "-O2", "-o", target, SOURCE, "-lcrypto"], capture_output=True, text=True, check=False)
    if built.returncode:
        raise FloorMissingError(f"floor.c does not compile (apt-get install gcc libssl-dev): {built.stderr[-400:]}")
    return target


def run(program: Path, endpoints: int, packets_per_frame: int, payload_bytes: int, rounds: int) -> float:
    """CPU microseconds per packet of one run."""
    arguments = [str(program), str(endpoints), str(packets_per_frame), str(payload_bytes), str(rounds)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=120)
    return float(json.loads(done.stdout)["us_cpu_per_packet"])
