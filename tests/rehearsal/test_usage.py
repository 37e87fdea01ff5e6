"""Reading what the service's processes used: a made-up /proc, the page of metrics, and this very process."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from rehearsal.usage import MetricsMeter, ProcMeter, Usage, UsageUnknownError, cpu_between, find_meter

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
METRICS = """# HELP diemcau_cpu_seconds_total CPU
diemcau_cpu_seconds_total 12.5
diemcau_resident_bytes 1.2e+08
diemcau_node_up 1.0
diemcau_node_cpu_seconds 40.25
diemcau_node_resident_bytes 2.5e+07
"""


def process(proc: Path, pid: int, words: list[str], cpu_ticks: int, pages: int, children: list[int] | None = None) -> None:
    folder = proc / str(pid)
    (folder / "task" / str(pid)).mkdir(parents=True)
    (folder / "task" / str(pid) / "children").write_text(" ".join(map(str, children or [])))
    (folder / "cmdline").write_bytes(b"\0".join(word.encode() for word in words) + b"\0")
    rest = ["S", "1", *["0"] * 9, str(cpu_ticks - 3), "3", *["0"] * 6, f"77{pid}", "999999", str(pages), "0"]
    (folder / "stat").write_text(f"{pid} (a (strange) name) {' '.join(rest)}\n")


@pytest.fixture
def country(tmp_path: Path) -> ProcMeter:
    proc, data = tmp_path / "proc", tmp_path / "data"
    data.mkdir()
    (data / "serve.lock").write_text("100\n")
    process(proc, 100, ["python", "-m", "cli.main", "serve"], 5, 9, [101, 102, 103, 104])
    process(proc, 101, ["python", "-m", "cli.main", "signaling", "--data-dir", "node"], 2 * TICKS, 1000)
    process(proc, 102, ["python", "-m", "cli.main", "node", "--config", "x.toml"], 5 * TICKS, 2000)
    process(proc, 103, ["/lib/valkey-server", "unixsocket"], TICKS // 2, 300)
    process(proc, 104, ["sleep", "9"], 1, 1)
    return ProcMeter(data, proc)


def test_children_of_the_supervisor(country: ProcMeter) -> None:
    assert country.read() == {
        "signaling": Usage(2.0, 1000 * PAGE, "101:77101"),
        "node": Usage(5.0, 2000 * PAGE, "102:77102"),
        "valkey": Usage(0.5, 300 * PAGE, "103:77103"),
    }


def test_what_cannot_be_read(country: ProcMeter, tmp_path: Path) -> None:
    (tmp_path / "proc" / "102" / "stat").unlink()
    with pytest.raises(UsageUnknownError, match="no child node"):
        country.read()
    (tmp_path / "data" / "serve.lock").write_text("nobody")
    with pytest.raises(UsageUnknownError, match="names no process"):
        country.read()
    (tmp_path / "data" / "serve.lock").write_text("4000000")
    with pytest.raises(UsageUnknownError, match="cannot be read"):
        country.read()


def test_the_page_of_metrics() -> None:
    assert MetricsMeter(lambda: METRICS).read() == {
        "signaling": Usage(12.5, 120_000_000, "metrics"),
        "node": Usage(40.25, 25_000_000, "metrics"),
    }
    with pytest.raises(UsageUnknownError, match="node_cpu_seconds"):
        MetricsMeter(lambda: METRICS.replace("node_cpu_seconds", "node_other")).read()
    with pytest.raises(UsageUnknownError, match="does not say"):
        MetricsMeter(lambda: METRICS.replace("1.2e+08", "NaN")).read()


def test_the_way_that_works_is_chosen(tmp_path: Path) -> None:
    def away() -> str:
        raise ConnectionRefusedError("nobody there")

    meter, why = find_meter(tmp_path, lambda: METRICS)
    assert meter is not None
    assert meter.how == "metrics"
    assert "names no process" in why
    meter, why = find_meter(tmp_path, away)
    assert meter is None
    assert "nobody there" in why


def test_between_two_readings() -> None:
    before = {"node": Usage(1.0, 5, "a"), "signaling": Usage(2.0, 5, "b")}
    after = {"node": Usage(4.0, 5, "a"), "signaling": Usage(2.5, 5, "b")}
    assert cpu_between(before, after) == {"node": 3.0, "signaling": 0.5}
    assert cpu_between(before, {**after, "node": Usage(9.0, 5, "other")}) is None
    assert cpu_between(after, before) is None
    assert cpu_between(before, {"node": after["node"]}) is None


def test_the_fields_are_those_of_this_kernel(tmp_path: Path) -> None:
    """What this process reads of itself is what it knows of itself."""
    meter = ProcMeter(tmp_path)
    usage = meter._usage(os.getpid())
    assert usage is not None
    assert abs(usage.cpu_s - time.process_time()) < 0.2
    assert 10e6 < usage.rss_bytes < 4e9
