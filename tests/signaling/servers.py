"""Real Valkey servers for tests, and a proxy that loses answers on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit

import redis

from cli import valkey
from config import Keys, Settings, load_keys
from tests.harness.ports import free_port

START_TIMEOUT_S = 20


@dataclass
class Valkey:
    """One server process: the private one of the service (unix socket), or the same on a TCP port."""

    data_dir: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    settings: Settings = field(init=False)
    keys: Keys = field(init=False)

    def __post_init__(self) -> None:
        self.settings = Settings(data_dir=self.data_dir)
        self.keys = load_keys(self.data_dir)

    @property
    def url(self) -> str:
        """What a client connects to."""
        if self.port:
            return f"redis://:{quote(self.keys.valkey_password)}@127.0.0.1:{self.port}/0"
        return self.settings.redis_url(self.keys)

    def start(self) -> None:
        """Start and wait until it answers."""
        command = valkey.prepare(self.settings, self.keys)
        if self.port:
            command += ["--port", str(self.port), "--unixsocket", ""]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        retry = redis.retry.Retry(redis.backoff.ConstantBackoff(0.02), int(START_TIMEOUT_S / 0.02))
        with redis.Redis.from_url(self.url, retry=retry) as client:
            client.ping()

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM, and wait for the end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


def tcp_valkey(folder: Path) -> Valkey:
    """A server on a free loopback port; not started."""
    return Valkey(folder, free_port())


class Proxy:
    """Between a client and the server at ``url``. What it does with the next request that ``is_it`` recognises:

    * ``lose_answer``: it arrives, is carried out, the answer is thrown away and the client's connection cut;
    * ``lose_request``: it never arrives, the client's connection is cut;
    * ``delay_request``: the client's connection is cut, the request arrives only when :meth:`release` is called.
    """

    def __init__(self, url: str, is_it: Callable[[bytes], bool]) -> None:
        self._upstream = urlsplit(url)
        self._is_it = is_it
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._release = asyncio.Event()
        self.fault: str | None = None
        self.faults = 0
        self.delivered = asyncio.Event()
        self.port = 0

    @property
    def url(self) -> str:
        """What the client connects to."""
        return f"redis://:{self._upstream.password}@127.0.0.1:{self.port}/0"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def release(self) -> None:
        """Let the delayed request arrive."""
        self._release.set()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._upstream.scheme == "unix":
            return await asyncio.open_unix_connection(self._upstream.path)
        return await asyncio.open_connection(self._upstream.hostname, self._upstream.port)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        upstream_reader, upstream_writer = await self._connect()
        self._writers |= {writer, upstream_writer}
        answers = asyncio.create_task(self._pump(upstream_reader, writer))
        try:
            while data := await reader.read(2**20):
                if self.fault and self._is_it(data):
                    await self._misbehave(data, answers, upstream_reader, upstream_writer, writer)
                    return
                upstream_writer.write(data)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            answers.cancel()
            self._tasks.discard(task)
            self._writers -= {writer, upstream_writer}
            for each in (writer, upstream_writer):
                each.close()
                with contextlib.suppress(OSError, asyncio.CancelledError):
                    await each.wait_closed()

    async def _misbehave(
        self,
        data: bytes,
        answers: asyncio.Task[None],
        upstream_reader: asyncio.StreamReader,
        upstream_writer: asyncio.StreamWriter,
        writer: asyncio.StreamWriter,
    ) -> None:
        fault, self.fault = self.fault, None
        self.faults += 1
        answers.cancel()
        await asyncio.gather(answers, return_exceptions=True)
        if fault == "delay_request":
            writer.close()
            await self._release.wait()
        if fault != "lose_request":
            upstream_writer.write(data)
            await upstream_reader.read(2**16)  # it was carried out
        self.delivered.set()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(2**20):
                writer.write(data)
            writer.close()
