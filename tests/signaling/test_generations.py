"""Links that are replaced: this process's copy, and what happens to those who came by an old link."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from signaling import generations as module
from signaling.auth import Identity, make_point_token, point_link
from signaling.errors import ServiceError
from signaling.generations import Generations
from signaling.memory_store import MemoryServer, MemoryStore
from signaling.redis_store import RedisStore
from signaling.store import RecordDamaged, StoreUnavailable
from tests.harness.wait import until
from tests.signaling.servers import Valkey
from tests.signaling.stores import NewStore
from tests.signaling.world import (
    KEYS,
    NOW_S,
    OFFER,
    ORIGIN,
    OTHER_WARD,
    WARD,
    World,
    eventually,
    point_hello,
    settings,
    token_hello,
)

PROTOCOL = (Path(module.__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")


def came_by(generation: int) -> Identity:
    return Identity(f"point:{WARD}", "point", "main", (WARD,), NOW_S, generation)


@pytest.fixture
async def copies(new_store: NewStore) -> AsyncIterator[tuple[Generations, Generations]]:
    """Those of two processes."""
    made = Generations(new_store()), Generations(new_store())
    tasks = [asyncio.create_task(each.run()) for each in made]
    for each in made:
        await each.wait_known()
    yield made
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_every_process_learns_of_a_new_link(copies: tuple[Generations, Generations]) -> None:
    here, there = copies
    heard: list[Mapping[str, int]] = []
    told = asyncio.Event()
    there.listen(heard.append)
    there.listen(lambda _: told.set())
    assert here.is_current(came_by(0))
    assert await here.rotate(WARD) == 1
    assert here.of(WARD) == 1
    async with asyncio.timeout(15):
        await told.wait()
    assert heard == [{WARD: 1}]
    for each in copies:
        assert not each.is_current(came_by(0))
        assert each.is_current(came_by(1))
        assert each.of(OTHER_WARD) == 0


async def test_consoles_have_no_link() -> None:
    assert Generations(MemoryStore()).is_current(Identity("center", "center", "main", ("VN",), NOW_S))


async def test_nobody_is_let_in_before_the_store_has_answered() -> None:
    unknown = Generations(MemoryStore())
    with pytest.raises(ServiceError) as raised:
        unknown.of(WARD)
    assert raised.value.refusal.code == "unavailable"
    with pytest.raises(ServiceError):
        unknown.is_current(came_by(5))


async def test_numbers_never_fall() -> None:
    generations = Generations(MemoryStore())
    heard: list[Mapping[str, int]] = []
    generations.listen(heard.append)
    generations.receive({WARD: 2})
    generations.receive({WARD: 1})
    generations.receive({})
    generations.receive({WARD: 2, OTHER_WARD: 1})
    assert heard == [{WARD: 2}, {OTHER_WARD: 1}]


async def test_it_watches_again_when_the_store_comes_back() -> None:
    server = MemoryServer()
    generations = Generations(MemoryStore(server))
    task = asyncio.create_task(generations.run())
    await generations.wait_known()
    await server.set_down(is_down=True)
    assert generations.of(WARD) == 0, "the last known numbers count"
    with pytest.raises(StoreUnavailable):
        await generations.rotate(WARD)
    server.generations[WARD] = 7  # by another process, on the other side of a broken line
    await server.set_down(is_down=False)
    await eventually(lambda: generations.of(WARD) == 7)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_server_that_dies_and_comes_back_has_kept_them(own_valkey: Valkey) -> None:
    store = RedisStore(own_valkey.url)
    generations = Generations(store)
    task = asyncio.create_task(generations.run())
    await generations.wait_known()
    await generations.rotate(WARD)
    own_valkey.kill()
    own_valkey.start()
    other = RedisStore(own_valkey.url)
    assert await other.rotate([WARD, OTHER_WARD]) == {WARD: 2, OTHER_WARD: 1}

    async def has_heard() -> bool:
        return generations.of(OTHER_WARD) == 1 and generations.of(WARD) == 2

    await until("the copy is up to date", has_heard)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for each in (store, other):
        await each.close()


async def test_a_number_that_is_none_is_said_so(own_valkey: Valkey) -> None:
    store = RedisStore(own_valkey.url)
    await store._client.hset(store.key("generations"), WARD, "many")
    with pytest.raises(RecordDamaged):
        await store.generations()
    await store.close()


# In the whole application


async def rotate(world: World, code: str = WARD, role: str = "center", **claims: object) -> tuple[int, dict[str, object]]:
    response = await world.client.post(f"/api/points/{code}/rotate", headers=world.bearer(role, **claims))
    return response.status, await response.json()


async def test_the_old_link_is_refused_and_the_new_one_welcomed(world: World) -> None:
    status, body = await rotate(world)
    assert status == 200
    client = await world.connect()
    await client.say(point_hello())
    assert await client.hear_close() == 4401
    assert client.heard[-1]["error"]["code"] == "bad_credential"
    link = str(body["link"])
    again = await world.connect()
    await again.say(point_hello(secret=link.partition("#")[2]))
    await again.hear("welcome")
    await world.desk(OTHER_WARD)


async def test_whoever_came_by_the_old_link_is_sent_away_by_every_process(
    tmp_path: Path, web_root: Path, npm_root: Path, world: World
) -> None:
    other = World(settings(tmp_path / "other"), web_root, npm_root, server=world.server)
    await other.start()
    try:
        desk, neighbour = await other.desk(), await other.desk(OTHER_WARD)
        assert (await rotate(world))[0] == 200
        assert await desk.hear_close() == 4401
        assert desk.heard[-1]["error"]["code"] == "bad_credential"
        await eventually(lambda: WARD not in other.service.hub.rooms["main"].points)
        await other.service.hub.tick()
        await neighbour.hear("tick")
        await other.desk(generation=1)
    finally:
        await other.stop()


async def test_the_token_of_an_old_link_opens_no_media(world: World) -> None:
    desk = await world.desk()
    headers = {"Authorization": f"Bearer {desk.welcome['token']}", "Content-Type": "application/sdp"}
    assert (await world.client.post("/whep/main", data=OFFER, headers=headers)).status == 201
    await rotate(world)
    refused = await world.client.post("/whep/main", data=OFFER, headers=headers)
    assert refused.status == 401
    assert (await refused.json())["code"] == "bad_credential"
    new = await world.desk(generation=1)
    headers["Authorization"] = f"Bearer {new.welcome['token']}"
    assert (await world.client.post("/whep/main", data=OFFER, headers=headers)).status == 201


async def test_a_link_replaced_while_its_point_arrives(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The arrival waits for the disk; meanwhile the bell rings. Neither this connection nor the one before it stays."""
    older = await world.desk()
    hub = world.service.hub
    submit = hub.submit

    async def slow_submit(session: str, command: object) -> list[object]:
        events = await submit(session, command)  # type: ignore[arg-type]
        if type(command).__name__ == "PointArrived":
            world.service.generations.receive({WARD: 1})
        return list(events)

    monkeypatch.setattr(hub, "submit", slow_submit)
    client = await world.connect()
    await client.say(point_hello())
    assert await client.hear_close() == 4401
    assert await older.hear_close() == 4401
    await eventually(lambda: not hub.rooms["main"].points)


async def test_the_answer_is_as_documented(world: World) -> None:
    _, body = await rotate(world)
    (example,) = re.findall(r"```json link\n(.*?)\n```", PROTOCOL, re.DOTALL)
    assert body.keys() == json.loads(example).keys()
    assert body["point"] == WARD
    assert body["link"] == point_link(ORIGIN, KEYS.link_key, WARD, 1)


async def test_the_link_of_the_answer_is_counted_up(world: World) -> None:
    assert [(await rotate(world))[1]["generation"] for _ in range(3)] == [1, 2, 3]
    assert world.server.generations == {WARD: 3}
    response = await world.client.post(f"/api/points/{WARD}/rotate", headers=world.bearer("center"))
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("code", "role", "scope", "status"),
    [
        (WARD, "center", ("773",), 200),
        (WARD, "center", ("80",), 403),
        (WARD, "operator", ("VN",), 403),
        (WARD, "viewer", (), 403),
        ("VN", "center", ("VN",), 404),
        ("99999", "center", ("VN",), 403),
        ("%2f%2f", "center", ("VN",), 403),
    ],
)
async def test_who_may_replace_whose_link(world: World, code: str, role: str, scope: tuple[str, ...], status: int) -> None:
    assert (await rotate(world, code, role, scope=scope))[0] == status
    assert bool(world.server.generations) is (status == 200)


async def test_a_point_replaces_no_link(world: World) -> None:
    desk = await world.desk()
    path = f"/api/points/{WARD}/rotate"
    assert (await world.client.post(path, headers={"Authorization": f"Bearer {desk.welcome['token']}"})).status == 403
    assert (await world.client.post(path)).status == 401
    assert (await world.client.get(path, headers=world.bearer("center"))).status == 405


async def test_no_link_is_replaced_while_the_store_is_away(world: World) -> None:
    desk = await world.desk()
    await world.server.set_down(is_down=True)
    status, body = await rotate(world)
    assert (status, body["code"]) == (503, "unavailable")
    assert not desk.ws.closed
    await world.server.set_down(is_down=False)


async def test_points_wait_for_a_store_that_was_never_there(tmp_path: Path, web_root: Path, npm_root: Path) -> None:
    world = World(settings(tmp_path), web_root, npm_root)
    await world.server.set_down(is_down=True)
    await world.client.start_server()
    try:
        client = await world.connect()
        await client.say(point_hello(secret="x" * 22))
        assert await client.hear_close() == 4503, "whether it is wrong is not known yet"
        token, _ = make_point_token(KEYS.token_key, code=WARD, session="main", now=NOW_S)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        assert (await world.client.post("/whep/main", data=OFFER, headers=headers)).status == 503
        await world.server.set_down(is_down=False)
    finally:
        await world.stop()


async def test_an_account_that_changed_is_refused_and_sent_away(world: World) -> None:
    old = {"session": "*", "account": "lan", "subject": "operator:lan"}
    console, plain = await world.console("operator", **old), await world.console("operator", subject="operator:lan")
    viewer = await world.connect()
    await viewer.say(token_hello(world.token("viewer", **old)))
    await viewer.hear("welcome")
    assert (await world.client.get("/api/directory", headers=world.bearer("operator", **old))).status == 200
    world.service.generations.receive({"account:lan": 1})
    for client in (console, viewer):
        assert await client.hear_close() == 4401
        assert client.heard[-1]["error"]["code"] == "bad_credential"
    again = await world.connect()
    await again.say(token_hello(world.token("operator", **old)))
    assert await again.hear_close() == 4401
    assert (await world.client.get("/api/directory", headers=world.bearer("operator", **old))).status == 401
    assert (await world.client.get("/api/directory", headers=world.bearer("operator", generation=1, **old))).status == 200
    assert (await plain.command(1, kind="place_call", point=WARD))["type"] == "ack", "a plain token is no account's"


async def test_the_present_link_is_shown_to_who_could_replace_it(world: World) -> None:
    center = world.bearer("center", scope=("79",))
    first = await (await world.client.get(f"/api/points/{WARD}/link", headers=center)).json()
    assert first == {"point": WARD, "generation": 0, "link": point_link(ORIGIN, KEYS.link_key, WARD)}
    _, rotated = await rotate(world)
    assert await (await world.client.get(f"/api/points/{WARD}/link", headers=center)).json() == rotated
    for role, scope in (("center", "80"), ("operator", "79"), ("observer", "VN")):
        assert (await world.client.get(f"/api/points/{WARD}/link", headers=world.bearer(role, scope=(scope,)))).status == 403
    assert (await world.client.get("/api/points/VN/link", headers=world.bearer("center"))).status == 404
