"""Servers and stores as fixtures; the conftest of this folder hands them on.

``redis_url`` runs a test on the private Valkey of the service and on a server given by URL: the one of
``DIEMCAU_TEST_REDIS_URL``, else one that is started on a loopback port.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from signaling.memory_store import MemoryServer, MemoryStore
from signaling.redis_store import RedisStore
from signaling.store import Store
from tests.signaling.servers import Valkey, tcp_valkey

URL_VARIABLE = "DIEMCAU_TEST_REDIS_URL"

NewStore = Callable[[], Store]


@pytest.fixture(scope="session")
def private_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """The private server, shared: tests use prefixes of their own."""
    server = Valkey(tmp_path_factory.mktemp("private"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def server_by_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a server that is reached over TCP."""
    if url := os.environ.get(URL_VARIABLE):
        yield url
        return
    server = tcp_valkey(tmp_path_factory.mktemp("tcp"))
    server.start()
    yield server.url
    server.stop()


@pytest.fixture(params=["private", "url"])
def redis_url(request: pytest.FixtureRequest) -> str:
    """URL of a running server; each test runs on both kinds."""
    if request.param == "private":
        private: Valkey = request.getfixturevalue("private_valkey")
        return private.url
    url: str = request.getfixturevalue("server_by_url")
    return url


@pytest.fixture
def prefix() -> str:
    """A prefix that no other test uses."""
    return f"test-{secrets.token_hex(6)}:"


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A private server of this test alone, to be killed."""
    server = Valkey(tmp_path / "valkey")
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["memory", "private", "url"])
async def new_store(request: pytest.FixtureRequest, prefix: str) -> AsyncIterator[NewStore]:
    """Makes clients of one and the same store; each test runs on every kind of store."""
    made: list[Store] = []
    server = MemoryServer()
    url = ""
    if request.param == "private":
        url = request.getfixturevalue("private_valkey").url
    elif request.param == "url":
        url = request.getfixturevalue("server_by_url")

    def make() -> Store:
        store: Store = RedisStore(url, prefix) if url else MemoryStore(server)
        made.append(store)
        return store

    yield make
    for store in made:
        await store.close()


@pytest.fixture
def store(new_store: NewStore) -> Store:
    """One client."""
    return new_store()
