"""What viewers report reaches the choice of their layer, whoever reads the report first."""

from __future__ import annotations

import pytest

from sfu.wire import rtcp
from tests.sfu.kit import CORES
from tests.sfu.world import WatchingBrowser, World


@pytest.fixture(params=CORES)
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(World, "core", request.param)
    one = World()
    one.plan(main=("center",), center=("center",))
    return one


def report(viewer: WatchingBrowser, lost: int) -> None:
    assert viewer.peer.viewer is not None
    viewer.send_rtcp(
        rtcp.ReceiverReport(9, (rtcp.ReportBlock(viewer.peer.viewer.legs[0].ssrc, lost, 0, round(100 * viewer.world.now)),))
    )


def test_losses_are_told_to_the_viewer_and_watched_from_then_on(world: World) -> None:
    viewer = world.watch("viewer-1")
    world.run(0.3)
    one = viewer.peer.viewer
    assert one is not None
    told: list[float] = []
    for lost in (0, 64, 0):
        report(viewer, lost)
        world.run(1.0)
        assert one.quality.lost is not None
        told.append(one.quality.lost)
    assert told == [0.0, 0.25, 0.0]


def test_a_report_ends_the_need_of_an_ssl_object(world: World) -> None:
    viewer = world.watch("viewer-1")
    world.run(0.3)
    assert viewer.peer.transport.holds_object
    report(viewer, 0)
    world.run(0.2)
    assert not viewer.peer.transport.holds_object


def test_of_a_viewer_that_left_no_report_is_taken(world: World) -> None:
    viewer = world.watch("viewer-1")
    world.run(0.3)
    one = viewer.peer.viewer
    report(viewer, 64)
    world.run(0.0101)
    world.engine.leave(viewer.peer.id, "left", world.now)
    world.run(0.2)
    assert one is not None
    assert one.quality.lost in (None, 0.25)
    assert world.engine.faults() == []
