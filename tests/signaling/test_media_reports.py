"""What the node says that flows, on its way to the record."""

from __future__ import annotations

from typing import Any

from bridge.bridge import Bridge
from bridge.commands import OpenSession, ReportMedia
from signaling.errands import Errands
from signaling.media_reports import MediaReports
from tests.signaling.world import WARD, directory


class Owner:
    """A session that records at once."""

    def __init__(self, name: str) -> None:
        self.bridge = Bridge(name, directory())
        self.bridge.handle(OpenSession("t", "x"), 1)

    async def submit(self, command: Any) -> list[Any]:
        return self.bridge.handle(command, 2)


async def test_each_session_hears_of_its_own_and_the_newest_word_counts() -> None:
    owners, errands = {"main": Owner("main"), "s1": Owner("s1")}, Errands()
    reports = MediaReports(owners, errands)
    reports.report("main", "center", "video", flowing=True)
    reports.report("s1", f"point:{WARD}", "audio", flowing=True)
    reports.report("s1", "center", "audio", flowing=True)
    reports.report("s1", "center", "audio", flowing=False)
    reports.report("nowhere", "center", "audio", flowing=True)
    assert await errands.turn()
    assert owners["main"].bridge.state.media == {"center": frozenset({"video"})}
    assert owners["s1"].bridge.state.media == {f"point:{WARD}": frozenset({"audio"})}


async def test_a_voice_for_single_points_is_on_nobodys_record() -> None:
    owners, errands = {"main": Owner("main")}, Errands()
    reports = MediaReports(owners, errands)
    reports.report_all([("main", "talk:operator:lan", "audio")], "unknown")
    reports.report("main", "talk:operator:lan", "audio", flowing=False)
    assert len(errands) == 0


async def test_a_session_that_is_loaded_later_is_compared_with_what_flows() -> None:
    owners: dict[str, Owner] = {"main": Owner("main")}
    errands = Errands()
    reports = MediaReports(owners, errands)
    reports.compare("main")
    assert len(errands) == 0, "nothing is known before the node was heard"
    reports.report_all([("s1", "center", "video"), ("main", "center", "audio")], "restarted")
    late = owners["s1"] = Owner("s1")
    late.bridge.handle(ReportMedia("center", "audio", flowing=True), 2)
    reports.compare("s1")
    assert await errands.turn()
    assert late.bridge.state.media == {"center": frozenset({"video"})}
    reports.report_all([], "node restarted")
    assert await errands.turn()
    assert late.bridge.state.media == owners["main"].bridge.state.media == {}
