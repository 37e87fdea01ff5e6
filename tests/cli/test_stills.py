"""`diemcau stills`: the desk check alone."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from cli.errors import EXIT_CONFIG
from stills.jpeg import EOI
from tests.harness.service import ROOT
from tests.harness.wait import until


def start(folder: Path, *flags: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cli.main", "stills", "--data-dir", str(folder), *flags]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


async def test_it_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    process = start(tmp_path, "--set", "stills.chairs=false")
    await until("its socket is there", lambda: (tmp_path / "run" / "stills.sock").exists() or process.poll() is not None, 60)
    await until("it is ready to be ended", lambda: (tmp_path / "run" / "stills.sock").stat().st_mode & 0o777 == 0o600)
    process.send_signal(signal.SIGTERM)
    out, errors = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, b"")
    assert b"stills_ready" in errors


async def test_a_socket_that_cannot_be_had_is_told_with_its_setting(tmp_path: Path) -> None:
    process = start(tmp_path, "--set", f"stills.address=unix:{tmp_path}/nowhere/s.sock")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == EXIT_CONFIG
    assert b"DIEMCAU_STILLS__ADDRESS" in errors


def test_what_the_decoder_says_of_broken_pictures_is_not_in_the_log() -> None:
    code = (
        "import sys; from stills import process; process.silence_decoder(); from rehearsal.rooms import jpegs_of;"
        "from stills.pictures import decode_whole; jpeg = jpegs_of('empty', 1)[0];"
        f"decode_whole(jpeg[: len(jpeg) // 2] + {EOI!r}); print('told', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, timeout=60)
    assert done.stderr == b"told\n"
