"""What only a real server and a real network can do: lost answers, kill -9, keys as others read them, durability."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as redis_client
import structlog

from signaling.owner import OwnerTiming, SessionOwner, Unavailable
from signaling.redis_store import RedisStore
from signaling.store import FenceLost, PresenceChange, RecordDamaged, StoreUnavailable
from tests.harness.wait import until
from tests.signaling.servers import Proxy, Valkey, tcp_valkey
from tests.signaling.toy import Add, Heard, Sums, make_owner, started

SECOND_MS = 1000


def raw_client(url: str) -> Any:
    """The plain client, to look at what others see."""
    return redis_client.Redis.from_url(url)


@pytest.fixture
async def store(redis_url: str, prefix: str) -> AsyncIterator[RedisStore]:
    made = RedisStore(redis_url, prefix)
    yield made
    await made.close()


def is_append(data: bytes) -> bool:
    return b":log:main" in data.replace(b"log:main", b":log:main") and b'"event"' in data


@pytest.fixture
async def proxy(redis_url: str) -> AsyncIterator[Proxy]:
    async with Proxy(redis_url, is_append) as running:
        yield running


@pytest.fixture
async def owner(proxy: Proxy, prefix: str) -> AsyncIterator[SessionOwner[Sums]]:
    """An owner behind the proxy."""
    behind = RedisStore(proxy.url, prefix)
    made = await started(behind, "a")
    yield made
    await made.close()
    await behind.close()


async def values_in(store: RedisStore) -> list[int]:
    return [record.event["value"] async for records in store.read("main") for record in records]


async def test_the_keys_are_those_that_others_read(store: RedisStore, redis_url: str, prefix: str) -> None:
    fence = await store.acquire_lease("main", "a", 60 * SECOND_MS)
    assert fence == 1
    async with raw_client(redis_url) as raw, raw.pubsub() as listener:
        await listener.subscribe(f"{prefix}plan")
        assert (await listener.get_message(timeout=5))["type"] == "subscribe"
        await store.append("main", fence, 0, [{"text": "Phường 10"}])
        await store.write_plan("main", fence, {"version": 1})
        await store.report_points("a", 60 * SECOND_MS, ["main/26740"])
        told = await listener.get_message(timeout=5)
        assert told is not None
        assert told["data"] == b"main"
        assert await raw.get(f"{prefix}lease:main") == b"1 a"
        assert await raw.get(f"{prefix}fence:main") == b"1"
        assert json.loads(await raw.get(f"{prefix}plan:main")) == {"version": 1}
        assert await raw.smembers(f"{prefix}presence:a") == {b"main/26740"}
        assert 0 < await raw.pttl(f"{prefix}process:a") <= 60 * SECOND_MS
        [(identifier, fields)] = await raw.xrange(f"{prefix}log:main")
    assert identifier == b"1-0"
    assert list(fields) == [b"record"]
    assert json.loads(fields[b"record"]) == {"seq": 1, "fence": 1, "event": {"text": "Phường 10"}}


@pytest.mark.parametrize("text", ["{", "[]", '{"seq": 2, "fence": 1, "event": {}}', '{"seq": 1, "fence": 1, "event": 5}'])
async def test_a_record_that_others_wrote_is_named(store: RedisStore, redis_url: str, prefix: str, text: str) -> None:
    async with raw_client(redis_url) as raw:
        await raw.xadd(f"{prefix}log:main", {"record": text}, id="1-0")
    with pytest.raises(RecordDamaged, match="log of main"):
        [record async for record in store.read("main")]


@pytest.mark.parametrize("role", ["owner", "follower"])
async def test_a_session_whose_log_has_a_gap_is_not_served(store: RedisStore, redis_url: str, prefix: str, role: str) -> None:
    async with raw_client(redis_url) as raw:
        for number in (1, 3):
            event = {"at": 1, "value": number, "alarm": None, "rang": False, "by": ""}
            record = json.dumps({"seq": number, "fence": 1, "event": event})
            await raw.xadd(f"{prefix}log:main", {"record": record}, id=f"{number}-0")
        if role == "follower":
            await store.acquire_lease("main", "other", 60 * SECOND_MS)
        owner = make_owner(store, "a", timing=OwnerTiming(submit_timeout_s=0.3))
        with structlog.testing.capture_logs() as said:
            await owner.start()
            with pytest.raises(Unavailable):
                await owner.submit(Add(1))
            await until("it is said", lambda: "session_failed" in {line["event"] for line in said})
        assert not owner.is_ready
        await owner.close()


async def test_scripts_survive_their_loss(store: RedisStore, redis_url: str) -> None:
    fence = await store.acquire_lease("main", "a", 60 * SECOND_MS)
    assert fence is not None
    async with raw_client(redis_url) as raw:
        await raw.script_flush()
    assert await store.append("main", fence, 0, [{"n": 1}]) == 1


async def test_an_append_whose_answer_was_lost_is_written_once(
    owner: SessionOwner[Sums], proxy: Proxy, store: RedisStore
) -> None:
    heard = Heard(owner)
    await owner.submit(Add(1))
    proxy.fault = "lose_answer"
    events = await owner.submit(Add(2, count=3))
    assert proxy.faults == 1
    assert [event.value for event in events] == [2, 2, 2]
    await owner.submit(Add(3))
    assert await values_in(store) == heard.values == owner.bridge.values == [1, 2, 2, 2, 3]


async def test_an_append_that_never_arrived_is_written_once(owner: SessionOwner[Sums], proxy: Proxy, store: RedisStore) -> None:
    proxy.fault = "lose_request"
    await owner.submit(Add(2, count=3))
    assert proxy.faults == 1
    assert await values_in(store) == owner.bridge.values == [2, 2, 2]


async def test_an_append_that_arrives_late_is_not_a_double(owner: SessionOwner[Sums], proxy: Proxy, store: RedisStore) -> None:
    proxy.fault = "delay_request"
    await owner.submit(Add(2))
    await owner.submit(Add(3))
    proxy.release()
    async with asyncio.timeout(15):
        await proxy.delivered.wait()
    await owner.submit(Add(4))
    assert await values_in(store) == owner.bridge.values == [2, 3, 4]


async def test_an_append_that_arrives_after_its_command_had_failed_is_refused(
    proxy: Proxy, store: RedisStore, prefix: str
) -> None:
    """The owner comes back under a new fence, so what it gave up can never be written."""
    behind = RedisStore(proxy.url, prefix)
    owner = await started(behind, "a", timing=OwnerTiming(submit_timeout_s=0.05))
    lease = await store.lease_of("main")
    assert lease is not None

    async def came_back() -> bool:
        now = await store.lease_of("main")
        return now is not None and now.fence > lease.fence

    proxy.fault = "delay_request"
    with pytest.raises(Unavailable):
        await owner.submit(Add(2))
    await until("the owner gave up the append and came back under a new fence", came_back)
    async with asyncio.timeout(15):
        await owner.wait_ready()
    proxy.release()
    async with asyncio.timeout(15):
        await proxy.delivered.wait()
    assert await values_in(store) == owner.bridge.values == []
    await owner.close()
    await behind.close()


async def test_an_append_that_had_arrived_is_acknowledged_even_when_the_lease_is_lost(
    owner: SessionOwner[Sums], proxy: Proxy, store: RedisStore, redis_url: str, prefix: str
) -> None:
    """The answer is lost, and before the owner can ask again another process has the session."""
    await owner.submit(Add(1))
    lease = await store.lease_of("main")
    assert lease is not None
    proxy.fault = "lose_answer"
    waiting = asyncio.create_task(owner.submit(Add(2)))
    async with asyncio.timeout(15):
        await proxy.delivered.wait()
    # At once, as when it had ended long ago: between an end and another's lease the owner would have it again.
    async with raw_client(redis_url) as raw, raw.pipeline(transaction=True) as both:
        both.set(f"{prefix}fence:main", lease.fence + 1)
        both.set(f"{prefix}lease:main", f"{lease.fence + 1} b", px=60 * SECOND_MS)
        await both.execute()
    assert [event.value for event in await waiting] == [2]
    await until("a follows", lambda: owner.state == "following")
    with pytest.raises(FenceLost):
        await store.append("main", lease.fence, 2, [{}])
    assert await values_in(store) == owner.bridge.values == [1, 2]


async def test_nothing_acknowledged_is_lost_by_kill_9(own_valkey: Valkey, prefix: str) -> None:
    store = RedisStore(own_valkey.url, prefix)
    owner = await started(store, "a", timing=OwnerTiming(lease_s=5, renew_s=0.2))
    acknowledged: list[int] = []
    failed: list[int] = []
    enough = asyncio.Event()

    async def submit_all() -> None:
        number = 0
        while not enough.is_set() or not owner.is_ready:
            number += 1
            try:
                await owner.submit(Add(number))
                acknowledged.append(number)
            except Unavailable:
                failed.append(number)

    submitting = asyncio.create_task(submit_all())
    for _ in range(3):
        before = len(acknowledged)
        await until("some commands", lambda: len(acknowledged) > before + 20, every_s=0.005)  # noqa: B023
        own_valkey.kill()
        await asyncio.to_thread(own_valkey.start)
    before = len(acknowledged)
    await until("commands after the last start", lambda: len(acknowledged) > before + 20)
    enough.set()
    await submitting
    written = await values_in(store)
    assert owner.bridge.values == written
    assert [value for value in written if value not in set(failed)] == acknowledged
    assert len(set(written)) == len(written)
    await owner.close()
    await store.close()


async def test_without_a_server_everything_fails_in_time_and_says_why(own_valkey: Valkey, prefix: str) -> None:
    store = RedisStore(own_valkey.url, prefix)
    owner = await started(store, "a", timing=OwnerTiming(lease_s=5, renew_s=1.5, submit_timeout_s=2.0))
    await owner.submit(Add(1))
    waiting = asyncio.create_task(store.receive("x", 1, 20 * SECOND_MS))
    following = asyncio.create_task(store.follow("main", 1, 20 * SECOND_MS))
    await until("both wait", _blocked(own_valkey, 3))
    own_valkey.kill()
    async with asyncio.timeout(15):
        for question in (
            store.ping(),
            store.live_points(),
            store.beat("a", SECOND_MS, PresenceChange()),
            waiting,
            following,
        ):
            with pytest.raises(StoreUnavailable, match="Error"):
                await question
        with pytest.raises(Unavailable):
            await owner.submit(Add(2))
    await asyncio.to_thread(own_valkey.start)
    async with asyncio.timeout(15):
        await owner.wait_ready()
        await owner.submit(Add(3))
    assert owner.bridge.values == [1, 3]
    await owner.close()
    await store.close()


def _blocked(server: Valkey, wanted: int):  # type: ignore[no-untyped-def]
    async def are_there() -> bool:
        async with raw_client(server.url) as raw:
            return int((await raw.info("clients"))["blocked_clients"]) >= wanted

    return are_there


async def test_a_server_with_a_wrong_password_is_unavailable(private_valkey: Valkey) -> None:
    store = RedisStore(private_valkey.url.replace("unix://:", "unix://:x"))
    with pytest.raises(StoreUnavailable, match="username-password"):
        await store.ping()
    await store.close()


async def test_the_private_server_is_durable(private_valkey: Valkey, prefix: str) -> None:
    store = RedisStore(private_valkey.url, prefix)
    assert await store.durability() is None
    await store.close()


async def test_a_server_that_is_not_durable_is_told_what_to_do(tmp_path: Path, prefix: str) -> None:
    server = tcp_valkey(tmp_path / "weak")
    server.start()
    store = RedisStore(server.url, prefix)
    try:
        async with raw_client(server.url) as raw:
            await raw.config_set("appendfsync", "everysec")
            said = await store.durability()
            assert said is not None
            assert "appendfsync is everysec" in said
            assert '"appendfsync always"' in said
            await raw.execute_command("ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all", "-config", "-acl")
        limited = RedisStore(f"redis://app:secret@127.0.0.1:{server.port}", prefix)
        said = await limited.durability()
        await limited.close()
        assert said is not None
        assert "does not let us read its settings" in said
    finally:
        await store.close()
        server.stop()


async def test_valkey_urls_are_understood(server_by_url: str, prefix: str) -> None:
    if not server_by_url.startswith("redis://"):
        return
    store = RedisStore(server_by_url.replace("redis://", "valkey://"), prefix)
    await store.ping()
    await store.close()
