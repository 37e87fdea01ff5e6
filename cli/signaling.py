"""`diemcau signaling`: the signaling process alone."""

from __future__ import annotations

import argparse
import asyncio
import errno
import gc
import signal
from typing import Final

import structlog
from aiohttp import web

from cli.directory import open_store
from cli.errors import EXIT_CONFIG, CommandError
from cli.files import raise_open_files
from cli.national import national_directory
from config import Settings, heap, load_keys
from config.keys import Keys
from signaling.app import SERVICE, create_app
from signaling.log import set_up_logging
from signaling.media import MediaNode
from signaling.store import Store, StoreUnavailable

logger: Final = structlog.get_logger("signaling")

BACKLOG: Final = 4096
"""Connections that wait to be accepted: every point of the country coming back within a few seconds. The system caps it
(net.core.somaxconn)."""

SHUTDOWN_TIMEOUT_S: Final = 2.0

EXACT_TIMERS_S: Final = 3600.0
"""aiohttp moves timers of more than 5 s to the next whole second. Of 10,000 connections that are pinged every 6 s, 1,700 would
have their turn in the same instant, each second: 0.2 s and more in which nobody else is served. Exact ones stay spread."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No flags of its own."""
    parser.set_defaults()


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Run until SIGTERM or Ctrl-C.

    Raises:
        CommandError: its port cannot be had.
    """
    set_up_logging(settings.log.level, settings.log.format, process="signaling")
    raise_open_files()
    heap.set_up()
    keys = load_keys(settings.data_dir)
    try:
        import uvloop  # noqa: PLC0415 (not on every system)
    except ImportError:
        asyncio.run(_run(settings, keys))
    else:
        uvloop.run(_run(settings, keys))
    gc.freeze()  # the interpreter's last collection would look at all that is left, a second of it, for nothing
    return 0


async def _run(settings: Settings, keys: Keys) -> None:
    told_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    store = open_store(settings, keys)
    media = MediaNode(settings.control_address, settings.control_secret(keys))
    app = create_app(settings, store=store, media=media, keys=keys, load_directory=national_directory)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT_S, timeout_ceil_threshold=EXACT_TIMERS_S)
    await runner.setup()
    watching = [asyncio.create_task(warn_if_not_durable(store)), asyncio.create_task(settle_heap(app[SERVICE].is_loaded))]
    try:
        await _listen(runner, settings)
        logger.info("listening", host=settings.http.host, port=settings.http.port)
        await told_to_stop.wait()
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    host, port = settings.http.host, settings.http.port
    try:
        await web.TCPSite(runner, host or None, port, backlog=BACKLOG).start()
    except OSError as error:
        setting = "port" if error.errno in {errno.EADDRINUSE, errno.EACCES} else "host"
        raise CommandError(
            f"cannot have TCP port {port} on {host}: {error.strerror}; set http.{setting} (DIEMCAU_HTTP__{setting.upper()})",
            EXIT_CONFIG,
        ) from error


async def warn_if_not_durable(store: Store) -> None:
    """Once, when the store first answers: say so when what it acknowledges may be lost, and what to do."""
    while True:
        try:
            problem = await store.durability()
        except StoreUnavailable:
            await asyncio.sleep(1.0)
            continue
        if problem is not None:
            logger.warning("store_not_durable", problem=problem)
        return


async def settle_heap(is_loaded: asyncio.Event) -> None:
    """Once, when everything is loaded: have the collector of garbage look at it no more."""
    await is_loaded.wait()
    heap.settle()
