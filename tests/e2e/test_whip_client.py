"""Debian's simple-whip-client (GStreamer) as the center: a foreign WHIP client is as good as the page."""

from pathlib import Path

import pytest

from tests.harness.netns import is_possible, run_on_service_host, two_hosts

pytestmark = [pytest.mark.netns, pytest.mark.service]


@pytest.mark.skipif(not is_possible(), reason="needs root and network namespaces: libnice never talks to loopback")
def test_its_picture_and_sound_arrive(tmp_path: Path) -> None:
    with two_hosts(loss_percent=0) as hosts:
        arguments = ("--client-namespace", hosts.viewer, "--folder", str(tmp_path))
        run_on_service_host(hosts, "tests.e2e.whip_scenario", *arguments, timeout_s=120)
