"""A line that loses packets in both directions: the picture comes, goes on, and recovers."""

import json
from pathlib import Path

import pytest

from tests.harness.netns import ROOT, is_possible, run_on_service_host, two_hosts

pytestmark = [pytest.mark.browser, pytest.mark.netns, pytest.mark.service]

SECONDS = 15
RESULTS = ROOT / "test-results" / "loss.json"

# What a viewer must have of the frames that are made, and how many seconds of them it may miss in a row, at each loss.
LIMITS = {1.0: (0.9, 1.0), 5.0: (0.7, 3.0)}


@pytest.mark.skipif(not is_possible(), reason="needs root and network namespaces")
@pytest.mark.parametrize("loss_percent", [1.0, 5.0])
def test_the_picture_recovers(loss_percent: float, tmp_path: Path) -> None:
    with two_hosts(loss_percent) as hosts:
        arguments = ("--viewer-namespace", hosts.viewer, "--folder", str(tmp_path), "--seconds", str(SECONDS))
        printed = run_on_service_host(hosts, "tests.e2e.loss_scenario", *arguments, timeout_s=150)
    measured = json.loads(printed.splitlines()[-1]) | {"loss_percent": loss_percent, "made_by": hosts.tool}
    print(json.dumps(measured))
    RESULTS.parent.mkdir(exist_ok=True)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(known | {str(loss_percent): measured}, indent=1))

    assert measured["nackCount"] > 0, "no loss was noticed: the cable does not lose"
    least_share, longest_gap_s = LIMITS[loss_percent]
    assert measured["framesMade"] >= 5 * measured["seconds"], "the center has no time to send a picture"
    assert measured["framesDecoded"] >= least_share * measured["framesMade"]
    assert measured["longest_gap_s"] <= longest_gap_s
    assert measured["totalFreezesDuration"] <= (1 - least_share) * measured["seconds"]
    assert measured["connections"] == 1, "it joined anew"
