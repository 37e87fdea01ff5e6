"""The directory in force: what was imported, else what ``directory.source`` says."""

from __future__ import annotations

import csv
import io

from bridge.units import Directory
from bridge.units_csv import read_units
from config import Settings
from config.keys import Keys
from signaling.redis_store import RedisStore
from signaling.store import Store


def open_store(settings: Settings, keys: Keys) -> RedisStore:
    """The configured store, or the private Valkey's; made without connecting."""
    return RedisStore(settings.redis_url(keys), settings.redis.prefix)


async def load_directory(store: Store, settings: Settings) -> Directory:
    """The directory in force.

    Raises:
        StoreUnavailable: the store did not answer.
        BridgeError: what was stored cannot be read.
    """
    text = await store.get_directory()
    if text is not None:
        return read_units(text)
    return default_directory(settings)


def default_directory(settings: Settings) -> Directory:
    """The directory when nothing was imported."""
    if settings.directory.source == "empty":
        return Directory((), ())
    from cli.national import national_directory  # noqa: PLC0415 (a quarter of a second)

    return national_directory()


def units_text(directory: Directory) -> str:
    """The units file of a directory whose units have one point each."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(("code", "name", "parent", "kind"))
    table.writerows((unit.code, unit.name, unit.parent or "", unit.kind) for unit in directory.units)
    return out.getvalue()
