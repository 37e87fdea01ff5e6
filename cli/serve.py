"""`diemcau serve`: the whole service in the foreground.

The supervisor starts a private Valkey (when no ``redis.url`` is set), the media node, the recorder, the desk check and
signaling, starts again what ends, prints one line when the service is ready, and ends them: signaling first, then node, recorder,
desk check and Valkey.

A lock in the data folder keeps a second service out of it. The private Valkey inherits the lock, so that it is held until the
last byte is on disk, even when the supervisor is killed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import fcntl
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import structlog

from cli import valkey
from cli.children import Child, ChildFailed
from cli.errors import EXIT_CONFIG, CommandError
from config import Settings, load_keys
from signaling.log import set_up_logging

logger: Final = structlog.get_logger("serve")

LOCK_FILE: Final = "serve.lock"
LOCK_WAIT_S: Final = 10.0
"""A service that was just killed needs this long at most until its Valkey has ended."""

POLL_S: Final = 0.1
STOP_TIMEOUTS_S: Final = {"signaling": 6.0, "node": 4.0, "recorder": 6.0, "stills": 2.0, "valkey": 15.0}
SLOW_START_S: Final = 20.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No flags of its own."""
    parser.set_defaults()


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        CommandError: a port or the data folder is in use, or a child fails at every start.
    """
    set_up_logging(settings.log.level, settings.log.format, process="serve")
    if settings.http.port == 0 or settings.media.port == 0:
        raise CommandError("http.port and media.port must be given: serve does not choose ports", EXIT_CONFIG)
    load_keys(settings.data_dir)
    with locked(settings.data_dir) as lock:
        refuse_busy_ports(settings)
        settings.ensure_run_dir()
        return asyncio.run(_serve(settings, flags, lock))


async def _serve(settings: Settings, flags: Sequence[str], lock: int) -> int:
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told_to_stop.set)
    is_ready = asyncio.Event()
    children = make_children(settings, flags, lock)
    running = [asyncio.create_task(child.run(is_ready.is_set), name=child.name) for child in children]
    ready = asyncio.create_task(_announce(settings, is_ready))
    told = asyncio.create_task(told_to_stop.wait())
    try:
        await asyncio.wait([told, *running], return_when=asyncio.FIRST_COMPLETED)
        for task in running:
            if task.done() and (error := task.exception()) is not None:
                raise error
        return 0
    except ChildFailed as error:
        raise CommandError(str(error)) from error
    finally:
        ready.cancel()
        told.cancel()
        for child in children:
            await child.stop()
        for task in running:
            task.cancel()
        await asyncio.gather(ready, told, *running, return_exceptions=True)


def make_children(settings: Settings, flags: Sequence[str], lock: int) -> list[Child]:
    """The children in the order in which they are ended."""

    def ourselves(name: str) -> Child:
        command = [sys.executable, "-m", "cli.main", name, *flags]
        return Child(name, lambda: command, stop_timeout_s=STOP_TIMEOUTS_S[name])

    children = [ourselves("signaling"), ourselves("node")]
    if settings.recording.enabled:
        children.append(ourselves("recorder"))
    if settings.stills.enabled:
        children.append(ourselves("stills"))
    if not settings.redis.url:
        keys = load_keys(settings.data_dir)
        valkey.prepare(settings, keys)  # fails now, once and clearly, where it cannot run
        stop_timeout_s = STOP_TIMEOUTS_S["valkey"]
        children.append(Child("valkey", lambda: valkey.prepare(settings, keys), stop_timeout_s=stop_timeout_s, pass_fds=(lock,)))
    return children


@contextlib.contextmanager
def locked(data_dir: Path) -> Iterator[int]:
    """Hold the data folder.

    Raises:
        CommandError: another service holds it for longer than :data:`LOCK_WAIT_S`.
    """
    descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock_within(descriptor, data_dir)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _lock_within(descriptor: int, data_dir: Path) -> None:
    def give_up(*_: object) -> None:
        raise TimeoutError

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    except BlockingIOError:
        print(f"diemcau serve: waiting for another service to leave {data_dir}…", file=sys.stderr)
    previous = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, LOCK_WAIT_S)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except TimeoutError:
        holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
        raise CommandError(
            f"{data_dir} is in use by another service (process {holder}): end it, or set data_dir (DIEMCAU_DATA_DIR)",
            EXIT_CONFIG,
        ) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def refuse_busy_ports(settings: Settings) -> None:
    """Try the ports before anything is started.

    Raises:
        CommandError: one cannot be had; the message names the setting.
    """
    _try_port(settings.http.host, settings.http.port, socket.SOCK_STREAM, "http")
    _try_port(settings.media.host, settings.media.port, socket.SOCK_DGRAM, "media")
    _try_port(settings.media.host, settings.media.port, socket.SOCK_STREAM, "media")


def _try_port(host: str, port: int, kind: socket.SocketKind, section: str) -> None:
    protocol = "TCP" if kind == socket.SOCK_STREAM else "UDP"
    try:
        for family, _, _, _, address in socket.getaddrinfo(host or None, port, type=kind, flags=socket.AI_PASSIVE):
            with socket.socket(family, kind) as probe:
                if kind == socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
                if kind == socket.SOCK_STREAM:
                    probe.listen(1)  # with SO_REUSEADDR this is what tells
    except OSError as error:
        setting = "port" if error.errno in {errno.EADDRINUSE, errno.EACCES} else "host"
        raise CommandError(
            f"cannot have {protocol} port {port} on {host}: {error.strerror}; "
            f"set {section}.{setting} (DIEMCAU_{section.upper()}__{setting.upper()})",
            EXIT_CONFIG,
        ) from error


async def _announce(settings: Settings, is_ready: asyncio.Event) -> None:
    """Ask ``/readyz`` until it says yes; then print the one line."""
    loop = asyncio.get_running_loop()
    slow_at_s = loop.time() + SLOW_START_S
    while (status := await readiness(settings)) != 200:
        if loop.time() >= slow_at_s:
            logger.warning("not_ready_yet", readyz=status, hint="the lines above say what is missing")
            slow_at_s += SLOW_START_S
        await asyncio.sleep(POLL_S)
    is_ready.set()
    media = f"{settings.media.host}:{settings.media.port}"
    print(f"Điểm Cầu đã sẵn sàng / ready: {settings.public_url} (media UDP {media})", flush=True)


async def readiness(settings: Settings) -> int | None:
    """HTTP status of ``/readyz``, or None when nobody answers."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(settings.http.host, settings.http.host)
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(2.0):
            reader, writer = await asyncio.open_connection(host, settings.http.port)
            writer.write(f"GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            words = (await reader.readline()).split()
        return int(words[1]) if len(words) > 1 and words[1].isdigit() else None
    except (OSError, TimeoutError):
        return None
    finally:
        if writer is not None:
            writer.close()
