"""The world of :mod:`tests.signaling.world` as fixtures."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.signaling.stores import new_store, own_valkey, prefix, private_valkey, redis_url, server_by_url, store
from tests.signaling.world import World, settings

__all__ = [
    "make_world",
    "new_store",
    "npm_root",
    "own_valkey",
    "prefix",
    "private_valkey",
    "redis_url",
    "server_by_url",
    "store",
    "web_root",
    "world",
]

MakeWorld = Callable[..., Awaitable[World]]


@pytest.fixture
def web_root(tmp_path: Path) -> Path:
    root = tmp_path / "web"
    root.mkdir()
    (root / "point.html").write_text(
        '<!doctype html><script type="importmap">{"imports": {}}</script>'
        '<script type="module" src="/static/point-app.js"></script>'
    )
    (root / "console.html").write_text('<!doctype html><script type="importmap">{"imports": {"a": "/npm/a/a.mjs"}}</script>')
    (root / "point-app.js").write_text("export const answer = 42;\n" * 100)
    (root / "npm-files.json").write_text('{"/npm/a/a.mjs": "a/a.mjs", "/npm/b/b.mjs": "b/b.mjs", "/npm/x.mjs": "../secret.txt"}')
    (root / "style.css").write_text('@font-face { src: url("/npm/a/a.woff2"); }')
    return root


@pytest.fixture
def npm_root(tmp_path: Path) -> Path:
    root = tmp_path / "node_modules"
    (root / "a").mkdir(parents=True)
    (root / "a" / "a.mjs").write_text("export default 1;\n")
    (root / "a" / "private.json").write_text("{}")
    (tmp_path / "secret.txt").write_text("secret")
    (root / "b").mkdir()
    (root / "b" / "b.mjs").symlink_to(tmp_path / "secret.txt")
    return root


@pytest.fixture
async def make_world(tmp_path: Path, web_root: Path, npm_root: Path) -> AsyncIterator[MakeWorld]:
    """Starts worlds with given limits and ends them."""
    worlds: list[World] = []

    async def make(clock: Callable[[], float] | None = None, **limits: Any) -> World:
        world = World(settings(tmp_path / "data", **limits), web_root, npm_root, clock)
        worlds.append(world)
        await world.start()
        return world

    yield make
    for world in worlds:
        await world.stop()


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    return await make_world()
