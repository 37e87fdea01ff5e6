"""Sessions that come and go while processes run: two processes, restarts, and what is put away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge import commands
from signaling import session_book
from signaling.errors import ServiceError
from signaling.media import MediaPeer, NodeUp
from signaling.slices import in_slices
from tests.signaling.test_hub import ring
from tests.signaling.test_sessions_api import attended, console_in, meeting, post
from tests.signaling.world import FAR_WARD, NOW_S, OFFER, REPORT, WARD, World, eventually, settings

Pair = tuple[World, World]


@pytest.fixture
async def pair(tmp_path: Path, web_root: Path, npm_root: Path) -> AsyncIterator[Pair]:
    """Two processes of one service."""
    first = World(settings(tmp_path), web_root, npm_root)
    await first.start()
    second = World(settings(tmp_path), web_root, npm_root, server=first.server)
    await second.start()
    yield first, second
    await second.stop()
    await first.stop()


async def test_another_process_serves_what_was_made_here_and_follows_it(pair: Pair) -> None:
    first, second = pair
    desk = await second.desk()
    view = await meeting(first, "79")
    assert view["id"] not in second.service.owners
    await second.service.book.look()
    await desk.hear("attending", attended(view["id"], "meeting"))
    console = await console_in(first, view["id"])
    await eventually(lambda: first.service.owners[view["id"]].bridge.is_live(WARD))
    call = await ring(first, console, desk)
    await desk.say({"type": "decline", "call": call, "report": REPORT})
    assert (await console.hear_call("failed"))["cause"] == "declined"
    await post(second, f"/api/sessions/{view['id']}/close")
    await desk.hear("attending", attended("main", "standing"))
    await eventually(lambda: not first.service.owners[view["id"]].bridge.is_open)
    await first.service.book.look()
    assert first.server.ended == {view["id"]: first.service.owners[view["id"]].bridge.session.closed_at}


async def test_the_process_that_owns_the_lower_session_tells_it(pair: Pair) -> None:
    first, second = pair
    view = await meeting(first, "79", scope="79")
    await second.service.book.look()
    desk = await second.desk()
    await eventually(lambda: first.service.owners[view["id"]].bridge.is_live(WARD))
    city, nation = await console_in(second, view["id"], "79"), await second.console()
    await ring(second, city, desk)
    ack = await nation.command(1, kind="place_call", point=WARD)
    assert (await city.hear_call("failed"))["cause"] == "engaged_above"
    await eventually(lambda: second.service.owners[view["id"]].bridge.state.record(WARD).engaged_in == "main")
    await nation.command(2, kind="cancel_call", call=ack["call"])
    await eventually(lambda: second.service.owners[view["id"]].bridge.state.record(WARD).engaged_in is None)


async def test_what_was_missed_is_found_by_comparing(world: World) -> None:
    """As after a restart: the records disagree, and nobody is told of anything."""
    desk = await world.desk()
    view = await meeting(world, "79")
    owner = world.service.owners[view["id"]]
    await eventually(lambda: owner.bridge.is_live(WARD))
    await owner.submit(commands.EngagePoint(WARD, "gone", "Phiên đã mất", 0, "x"))
    await owner.submit(commands.PointLeft(WARD))
    await owner.submit(commands.PointArrived("773"))
    await world.service.hub.tick()
    await in_slices(world.service.hub.membership.compare())
    await eventually(lambda: owner.bridge.is_live(WARD) and not owner.bridge.is_live("773"))
    await eventually(lambda: owner.bridge.state.record(WARD).engaged_in is None)
    await desk.hear("tick")


async def test_a_restart_loads_what_runs_and_what_ended_lately(
    tmp_path: Path, web_root: Path, npm_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = World(settings(tmp_path), web_root, npm_root)
    await first.start()
    running, closed, old = await meeting(first, "79"), await meeting(first, "80"), await meeting(first, "80")
    for view in (closed, old):
        await post(first, f"/api/sessions/{view['id']}/close")
    await first.service.book.look()
    await first.stop()
    first.server.ended[old["id"]] = (NOW_S - session_book.ENDED_KEPT_S - 1) * 1000
    first.server.ended[closed["id"]] = NOW_S * 1000

    second = World(settings(tmp_path), web_root, npm_root, server=first.server)
    await second.start()
    try:
        await eventually(lambda: len(second.service.owners) == 3)
        assert set(second.service.owners) == {"main", running["id"], closed["id"]}
        await eventually(lambda: second.service.owners[running["id"]].bridge.is_open)
        desk = await second.desk()
        await desk.hear("attending", attended(running["id"], "meeting"))

        # asked for by name, an older one is loaded as well
        response = await second.client.get(f"/api/sessions/{old['id']}", headers=second.bearer("center", session="*"))
        assert (await response.json())["state"] == "closed"
        calls = await second.client.get(f"/api/sessions/{old['id']}/calls", headers=second.bearer("center", session="*"))
        assert calls.status == 200

        # and beyond the limit the one that nobody wanted for longest is put away
        monkeypatch.setattr(session_book, "MAX_ENDED", 1)
        await second.service.book.look()
        assert set(second.service.owners) == {"main", running["id"], old["id"]} == set(second.service.hub.rooms)
    finally:
        await second.stop()


async def test_a_session_that_somebody_looks_at_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    view = await meeting(world, "79")
    console = await console_in(world, view["id"])
    await post(world, f"/api/sessions/{view['id']}/close")
    monkeypatch.setattr(session_book, "MAX_ENDED", 0)
    await world.service.book.look()
    assert view["id"] in world.service.owners
    await console.ws.close()
    await eventually(lambda: not world.service.hub.rooms[view["id"]].consoles)
    await world.service.book.look()
    assert view["id"] not in world.service.owners


async def test_a_session_that_never_was_is_not_found(world: World) -> None:
    for name in ("nowhere", "../main", "*"):
        with pytest.raises(ServiceError) as refused:
            await world.service.book.load(name)
        assert refused.value.refusal.code == "not_found"


def sdp(world: World, token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}


async def test_a_point_s_viewer_is_moved_and_its_sender_joins_who_calls(world: World) -> None:
    desk, view = await world.desk(), await meeting(world, "79")
    await desk.hear("attending", attended(view["id"], "meeting"))
    headers = sdp(world, desk.welcome["token"])
    assert (await world.client.post("/whep/main", data=OFFER, headers=headers)).status == 201
    viewer = world.node.joined[-1]
    assert viewer["session"] == view["id"], "the door's name says nothing"
    assert (await world.client.post("/whip/main", data=OFFER, headers=headers)).status == 403

    await eventually(lambda: world.service.owners[view["id"]].bridge.is_live(WARD))
    nation = await world.console()
    ack = await nation.command(1, kind="place_call", point=WARD)
    await eventually(lambda: (viewer["peer"], "main") in world.node.moved)
    await desk.hear("ring")
    assert (await world.client.post("/whip/main", data=OFFER, headers=headers)).status == 201
    assert world.node.joined[-1]["session"] == "main"
    await nation.command(2, kind="cancel_call", call=ack["call"])
    await eventually(lambda: world.node.moved[-1] == (viewer["peer"], view["id"]))

    city = await console_in(world, view["id"])
    await ring(world, city, desk)
    assert (await world.client.post("/whip/main", data=OFFER, headers=headers)).status == 201
    assert world.node.joined[-1]["session"] == view["id"]


async def test_a_process_that_starts_learns_from_the_node_whom_it_may_have_to_move(world: World) -> None:
    view = await meeting(world, "79")
    peers = (
        MediaPeer("v1", "main", "viewer", None, f"point:{WARD}"),
        MediaPeer("v2", "main", "viewer", None, f"point:{FAR_WARD}"),
        MediaPeer("v3", "main", "viewer", None, None),
        MediaPeer("p1", "main", "publisher", f"point:{WARD}"),
    )
    world.node.tell(NodeUp("e1", False, peers, ()))
    await eventually(lambda: world.node.moved == [("v1", view["id"])])
    await post(world, f"/api/sessions/{view['id']}/close")
    await eventually(lambda: world.node.moved[1:] == [("v1", "main")])


async def test_a_center_publishes_only_where_it_presides(world: World) -> None:
    view = await meeting(world, "773")
    for session, scope, status in (
        ("main", ("VN",), 201),
        ("main", ("79",), 403),
        (view["id"], ("773",), 403),
        (view["id"], ("79",), 403),
        (view["id"], ("VN",), 201),
    ):
        headers = sdp(world, world.token("center", session="*", scope=scope))
        assert (await world.client.post(f"/whip/{session}", data=OFFER, headers=headers)).status == status, (session, scope)
    own = await meeting(world, "773", scope="773")
    headers = sdp(world, world.token("center", session="*", scope=("773",)))
    assert (await world.client.post(f"/whip/{own['id']}", data=OFFER, headers=headers)).status == 201
    stranger = sdp(world, world.token("operator", session="*", scope=("80",)))
    assert (await world.client.post(f"/whep/{own['id']}", data=OFFER, headers=stranger)).status == 403
