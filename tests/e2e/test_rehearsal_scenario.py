"""A whole scenario against the real service: each way in which a call ends, roll call, falls, late comers, loss, as planned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.service import ROOT, start_service

pytestmark = pytest.mark.service

SCENARIO = """
title = "Mọi cách / Every way"
seconds = 16
idle_s = 0
sample = 6
groups = [
  {name = "answers", units = ["79"], kinds = ["commune"], count = 6, answer_after_s = [0.1, 0.4], roll_call = {within_s = 2}},
  {name = "nobody", units = ["80"], count = 2, ring = "no_answer", roll_call = {share = 0}},
  {name = "declines", units = ["80"], count = 2, ring = "declines", answer_after_s = [0.1, 0.2], roll_call = {within_s = 2}},
  {name = "broken", units = ["80"], count = 2, ring = "no_device", answer_after_s = [0.1, 0.2], roll_call = {within_s = 2}},
  {name = "mute", units = ["80"], count = 2, ring = "undelivered", loss = 0.05, roll_call = {within_s = 2}},
  {name = "away", units = ["82"], count = 2, ring = "offline"},
  {name = "shaky", units = ["82"], count = 4, roll_call = {within_s = 2}, drops = [{at_s = 9, count = 2, back_after_s = 1}]},
  {name = "late", units = ["01"], count = 3, join_at_s = 8, join_over_s = 2, roll_call = {share = 0}},
]
calls = [
  {at_s = 0.2, group = "answers", talk_s = 1},
  {at_s = 0.3, group = "nobody"},
  {at_s = 0.4, group = "declines"},
  {at_s = 0.5, group = "broken"},
  {at_s = 4.5, group = "mute"},
  {at_s = 4.6, group = "away"},
  {at_s = 4.7, group = "answers", talk_s = 1},
]
roll_calls = [{at_s = 1, seconds = 5}]
"""


def test_everything_goes_as_it_is_planned(tmp_path: Path) -> None:
    plan, out = tmp_path / "plan.toml", tmp_path / "result.json"
    plan.write_text(SCENARIO, encoding="utf-8")
    clocks = {"CALLS__ANSWER_TIMEOUT_S": "4", "CALLS__DELIVER_TIMEOUT_S": "4"}
    with start_service(tmp_path / "service", clocks) as service:
        settings = ["--data-dir", str(service.data_dir), "--set", f"http.port={service.http_port}"]
        words = ["rehearse", "--scenario", str(plan), "--json", str(out), *settings]
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *words],
            cwd=ROOT,
            env={key: value for key, value in os.environ.items() if not key.startswith("DIEMCAU_")},
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    fields = json.loads(out.read_text(encoding="utf-8"))
    assert fields["remarks"] == []
    assert fields["points"] == fields["joined"] == 21
    assert fields["late_joined"] == 3
    assert (fields["fallen"], fields["came_back"], fields["lines_lost"]) == (2, 2, {})
    outcomes = [(call["expected"], call["outcome"], call["detail"]) for call in fields["calls"]]
    assert [outcome for _, outcome, _ in outcomes] == [
        "answered",
        "no_answer",
        "declined",
        "no_device",
        "undelivered",
        "offline",
        "answered",
    ], outcomes
    assert fields["calls_as_expected"] == 7
    assert fields["call_answer_to_first_packet_ms"]["count"] == 2
    roll_call = fields["roll_calls"][0]
    assert roll_call["present"] == roll_call["expected_present"] == 16
    assert roll_call["asked"] > 16
    assert 18 - 2 - 2 <= fields["window_points"] <= 18 - 2, "not who fell, came late, or is checked and pretends losses"
    assert fields["delivered_ratio"] >= 0.999
    assert fields["sampled_bad_packets"] == 0
