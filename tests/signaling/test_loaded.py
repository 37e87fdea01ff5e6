"""What was put away is loaded for whoever may ask, and for nobody else."""

from __future__ import annotations

from signaling.loaded import Loaded
from tests.signaling.world import World


async def test_the_record_of_a_session_that_was_put_away(world: World) -> None:
    headers = world.bearer("center", session="*")
    body = {"title": "Giao ban", "units": ["79"], "open": True}
    made = await (await world.client.post("/api/sessions", json=body, headers=headers)).json()
    session = made["id"]
    assert (await world.client.post(f"/api/sessions/{session}/close", headers=headers)).status == 200
    hub = world.service.hub
    del world.service.owners[session]
    hub.remove_session(session)
    path = f"/api/sessions/{session}/calls"
    assert (await world.client.get(path)).status == 401
    assert session not in hub.rooms
    answer = await world.client.get(path, headers=headers)
    assert answer.status == 200
    assert (await answer.json())["session"] == session
    assert session in hub.rooms


async def test_a_session_that_never_was(world: World) -> None:
    answer = await world.client.get("/api/sessions/s9/calls", headers=world.bearer("center", session="*"))
    assert answer.status == 404


def test_other_routes_stay_as_they_are(world: World) -> None:
    routes = world.service.routes()
    again = Loaded((), world.service.hub.load, world.service.bearers, None).routes(routes)  # type: ignore[arg-type]
    assert [one is two for one, two in zip(routes, again, strict=True)] == ["{session}" not in one.path for one in routes]
