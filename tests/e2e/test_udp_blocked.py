"""A network that lets no UDP out: pictures and sound go both ways over TCP, and with UDP nobody uses TCP."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness.netns import ROOT, block_udp, is_possible, run_on_service_host, two_hosts

pytestmark = [pytest.mark.browser, pytest.mark.netns, pytest.mark.service]

RESULTS = ROOT / "test-results" / "tcp.json"


@pytest.mark.skipif(not is_possible(), reason="needs root and network namespaces")
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_pictures_and_sound_both_ways(protocol: str, tmp_path: Path) -> None:
    with two_hosts(0) as hosts:
        if protocol == "tcp":
            block_udp(hosts.viewer)
        arguments = ("--browser-namespace", hosts.viewer, "--folder", str(tmp_path))
        printed = run_on_service_host(hosts, "tests.e2e.udp_blocked_scenario", *arguments, timeout_s=150)
    measured: dict[str, Any] = json.loads(printed.splitlines()[-1])
    print(json.dumps(measured))
    RESULTS.parent.mkdir(exist_ok=True)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(known | {protocol: measured}, indent=1))

    lines = [*measured["center"], *measured["point"]]
    assert len(lines) >= 4, "each of them watches and publishes"
    assert {line["protocol"] for line in lines} == {protocol}
    assert all(line["connectMs"] < 10_000 for line in lines), "the page waits so long for a connection before it makes another"
