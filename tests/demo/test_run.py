import json
import subprocess
import sys

from demo.cast import Part, Play
from demo.run import add_up


def test_summaries_of_workers_add_up() -> None:
    first = {"points": 12, "live": 11, "watching": 10, "sending": 1, "center": True, "cpu_s": 3}
    second = {"points": 12, "live": 12, "watching": 12, "sending": 0, "center": False, "cpu_s": 2}
    total = {"points": 24, "live": 23, "watching": 22, "sending": 1, "center": True, "cpu_s": 5}
    assert add_up([first, second]) == total
    assert add_up([{}, second])["live"] == 12


def start(play: Play) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "demo.run"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(play.to_json()).encode() + b"\n")
    process.stdin.flush()
    return process


# Nobody listens on port 9 of loopback: the players keep trying, as they do while a service restarts.
ALONE = Play("http://127.0.0.1:9", "main", "token", (Part("00001", "s", "Xã", "Huyện"),))


def test_ends_cleanly_on_sigterm() -> None:
    process = start(ALONE)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["live"] == 0
    process.terminate()
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == b""


def test_ends_when_its_parent_is_gone() -> None:
    process = start(ALONE)
    assert process.stdout is not None
    process.stdout.readline()
    _, errors = process.communicate(timeout=20)  # closes standard input
    assert process.returncode == 0
    assert errors == b""
