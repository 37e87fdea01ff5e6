"""`diemcau rehearse`: which scenario its flags mean, what it refuses, and one rehearsal against the real service."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from cli import rehearse
from cli.errors import CommandError
from cli.main import main
from rehearsal.scenario import Scenario, ScenarioError
from tests.harness.crowd import Crowd
from tests.harness.service import ROOT, Service, start_service
from tests.harness.wait import until

EVERY_KEY = ROOT / "docs" / "rehearsal" / "every-key.toml"
FIELDS = (
    "points",
    "joined",
    "join_seconds",
    "server_cpu_ms_per_join",
    "delivered_ratio",
    "sampled_bad_packets",
    "server_cpu_us_per_packet",
    "server_rss_kib_per_point",
    "forward_latency_ms",
    "audio_latency_ms",
    "call_answer_to_first_packet_ms",
)


def scenario(*words: str) -> Scenario:
    parser = argparse.ArgumentParser()
    rehearse.add_arguments(parser)
    return rehearse.scenario_of(parser.parse_args(words))


def test_flags_alone() -> None:
    plain = scenario()
    assert (plain.groups[0].count, plain.seconds, len(plain.calls), plain.desks) == (100, 30, 5, "called")
    assert (plain.video_pps, plain.audio_pps, plain.sample, plain.seed) == (100, 50, 50, 1)
    words = "--points 9811 --seconds 60 --video-pps 90 --audio-pps 17 --join-over 20 --calls 3 --desks --sample 7"
    words += " --idle 0 --seed 4"
    asked = scenario(*words.split())
    group = asked.groups[0]
    assert (group.count, group.join_over_s, asked.seconds, asked.video_pps, asked.audio_pps) == (9811, 20, 60, 90, 17)
    assert (len(asked.calls), asked.desks, asked.sample, asked.idle_s, asked.seed) == (3, "all", 7, 0, 4)
    bare = scenario("--no-desks")
    assert (bare.desks, len(bare.calls)) == ("none", 0)
    assert scenario("--calls", "0").desks == "none"


def test_flags_above_a_file() -> None:
    asked = scenario("--scenario", str(EVERY_KEY), "--seconds", "40", "--sample", "3")
    assert (asked.seconds, asked.sample, len(asked.groups)) == (40, 3, 2)
    with pytest.raises(CommandError, match="--points and --scenario"):
        scenario("--scenario", str(EVERY_KEY), "--points", "40")
    with pytest.raises(ScenarioError, match="calls and roll calls need WebSockets"):
        scenario("--no-desks", "--calls", "2")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--points", "0"], "groups.0.count"),
        (["--seconds", "100000"], "seconds: Input should be less than or equal to 14400"),
        (["--json", "no/such/folder/x.json"], "there is no folder no/such/folder"),
        (["--scenario", "no-such.toml"], "cannot read no-such.toml"),
    ],
)
def test_what_cannot_be_played(
    words: Sequence[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["rehearse", *words, "--data-dir", str(tmp_path)]) == 2
    assert complaint in capsys.readouterr().err


def test_without_a_service(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "--data-dir", str(tmp_path), "--set", "http.port=1"]) == 1
    assert "start it first (diemcau serve)" in capsys.readouterr().err


# --- against the real service -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with start_service(tmp_path_factory.mktemp("rehearsed")) as running:
        yield running


def command(service: Service, *words: str) -> list[str]:
    settings = ["--data-dir", str(service.data_dir), "--set", f"http.port={service.http_port}"]
    settings += ["--set", f"media.port={service.media_port}"]
    return [sys.executable, "-m", "cli.main", "rehearse", *words, *settings]


def environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("DIEMCAU_")}


def play(service: Service, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        command(service, *words), cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=150, check=False
    )
    return done.returncode, done.stdout, done.stderr


def sessions(service: Service) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(service.get("/api/sessions", service.token("center", session="*"))[1])["sessions"]
    return found


@pytest.mark.service
def test_a_rehearsal(stage: Service, tmp_path: Path) -> None:
    words = "--points 60 --seconds 5 --calls 5 --desks --sample 10 --idle 2"
    outputs = ("--json", str(tmp_path / "r.json"), "--html", str(tmp_path / "r.html"))
    status, out, err = play(stage, *words.split(), *outputs)
    assert status == 0, out + err
    fields = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert not [name for name in FIELDS if fields[name] is None], fields["notes"]
    assert fields["passed"]
    assert fields["points"] == fields["joined"] == fields["window_points"] == 60
    assert 0 < fields["join_seconds"] < 60
    assert 0.1 < fields["server_cpu_ms_per_join"] < 50
    assert 0.05 < fields["server_cpu_ms_per_arrival"] < 50
    assert 0.999 <= fields["delivered_ratio"] < 1.01
    assert fields["sampled_points"] == 10
    assert fields["sampled_packets"] > 10 * 5 * 100
    assert fields["sampled_bad_packets"] == 0
    assert 0.1 < fields["server_cpu_us_per_packet"] < 500
    assert 0 < fields["server_rss_kib_per_point"] < 2000
    assert fields["server_parts"] == ["node", "signaling", "valkey"]
    assert 0 < fields["forward_latency_ms"]["p50"] <= fields["forward_latency_ms"]["p99"] < 2000
    assert fields["audio_latency_ms"]["count"] > 10 * 5 * 40
    assert fields["expected_packets"] >= 60 * 5 * 140
    assert fields["calls_as_expected"] == 5
    assert fields["call_answer_to_first_packet_ms"]["count"] == 5
    assert 0 < fields["call_answer_to_first_packet_ms"]["p99"] < 5000
    assert [phase["name"] for phase in fields["phases"]] == ["before", "arrive", "join", "idle", "start", "meeting", "end"]
    assert max(fields["series"]["live"]) == 60
    assert not [name for name, value in fields.items() if value is None and name not in fields["notes"]]
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 6
    assert "60 / 60" in page
    assert "60 / 60" in out
    assert "Đạt / Passed" in out
    assert "media 60/60" in err
    assert len(err.splitlines()) >= 2, "a line every five seconds"
    made = [each for each in sessions(stage) if each["id"] != "main"]
    assert {each["state"] for each in made} == {"closed"}
    assert all("REHEARSAL" in each["title"] for each in made)

    def are_gone() -> bool:
        peers = [line for line in stage.get("/metrics")[1].splitlines() if line.startswith("diemcau_node_peers ")]
        return peers == ["diemcau_node_peers 0.0"]

    asyncio.run(until("nobody is left at the node", are_gone))


@pytest.mark.service
async def test_real_points_are_left_alone(stage: Service, tmp_path: Path) -> None:
    async with Crowd(stage) as crowd:
        await crowd.join(["26740", "01"])
        status, _, err = await asyncio.to_thread(play, stage, "--points", "5", "--session", "main")
        assert status == 1
        assert "real points are live in session main (01, 26740)" in err
        json_path = tmp_path / "r.json"
        words = ("--points", "40", "--seconds", "1", "--no-desks", "--idle", "0", "--json", str(json_path))
        status, out, err = await asyncio.to_thread(play, stage, *words)
        assert status == 0, out + err
        assert crowd.live == 2
        for code in ("26740", "01"):
            attending = crowd[code].message("attending")
            assert attending is not None
            assert attending["session"]["id"] == "main"
            assert crowd[code].counts["attending"] == 1, "it never took part in the rehearsal"


@pytest.mark.service
def test_in_a_session_that_is_there(stage: Service, tmp_path: Path) -> None:
    token = stage.token("center", session="*")
    session = stage.post("/api/sessions", token, {"title": "Thử", "units": ["773"]})[1]["id"]
    words = ["--points", "10", "--seconds", "1", "--no-desks", "--idle", "0", "--session", session]
    status, out, err = play(stage, *words, "--json", str(tmp_path / "r.json"))
    assert status == 0, out + err
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["session"] == session
    assert next(each["state"] for each in sessions(stage) if each["id"] == session) == "open", (
        "it is not the rehearsal's to close"
    )
    status, _, err = play(stage, *words, "--points", "400")
    assert status == 2
    assert "outside of the session" in err
    assert stage.post(f"/api/sessions/{session}/close", token)[0] == 200
    status, _, err = play(stage, *words)
    assert status == 1
    assert f"session {session} is not open" in err


@pytest.mark.service
async def test_a_meeting_is_not_disturbed(stage: Service) -> None:
    async with Crowd(stage) as crowd:
        await crowd.join(["26740"])
        token = stage.token("center", session="*")
        status, made = stage.post("/api/sessions", token, {"title": "Họp thật", "units": ["79"]})
        assert status == 201
        status, _, err = await asyncio.to_thread(play, stage, "--points", "5")
        assert status == 1
        assert f"a meeting is going on: {made['id']} (Họp thật)" in err
        assert stage.post(f"/api/sessions/{made['id']}/close", token)[0] == 200


@pytest.mark.service
async def test_ctrl_c_ends_it_in_order(stage: Service, tmp_path: Path) -> None:
    words = command(stage, "--points", "30", "--seconds", "600", "--idle", "0", "--json", str(tmp_path / "r.json"))
    process = await asyncio.create_subprocess_exec(
        *words, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    async with asyncio.timeout(60):
        said = b""
        while b"meeting" not in said:
            said = await process.stderr.readline()
            assert said, "it ended without a meeting"
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert process.returncode == 1, out.decode() + err.decode()
    fields = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert fields["is_interrupted"]
    assert fields["joined"] == 30
    assert fields["delivered_ratio"] > 0.99
    assert "Traceback" not in err.decode()
    assert {each["state"] for each in sessions(stage) if each["id"] != "main"} == {"closed"}
