"""One child process of the supervisor: started again when it ends, ended when the supervisor ends.

A child that ends is started again after 0.2 s, then 0.4 s, … up to 5 s; one that had run for a while begins anew at
0.2 s. A child that fails at every start, before the service was ever ready, makes the supervisor give up.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Final

import structlog

logger: Final = structlog.get_logger("serve")

RESTART_MIN_S: Final = 0.2
RESTART_MAX_S: Final = 5.0
STEADY_S: Final = 10.0
"""A child that ran this long did not fail at its start."""

GIVE_UP_AFTER: Final = 4
"""Failed starts in a row (0.2 + 0.4 + 0.8 s between them) before the service was ever ready."""

PR_SET_PDEATHSIG: Final = 1
"""prctl(2), linux/prctl.h."""


class ChildFailed(Exception):  # noqa: N818 (named for what happened)
    """A child fails at every start; its own message is above in the output."""

    def __init__(self, name: str, status: int) -> None:
        ending = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        super().__init__(f"{name} ended {GIVE_UP_AFTER} times at its start ({ending}); what it said is above")
        self.name = name


class Child:
    """A process that shall always run.

    Args:
        name: for messages.
        command: asked anew for each start.
        stop_timeout_s: from SIGTERM until SIGKILL.
        pass_fds: descriptors that it inherits.
    """

    def __init__(
        self, name: str, command: Callable[[], Sequence[str]], *, stop_timeout_s: float, pass_fds: Sequence[int] = ()
    ) -> None:
        self.name = name
        self.starts = 0
        self._command, self._stop_timeout_s, self._pass_fds = command, stop_timeout_s, tuple(pass_fds)
        self._process: asyncio.subprocess.Process | None = None
        self._is_stopping = False

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def run(self, was_ready: Callable[[], bool]) -> None:
        """Keep it running until :meth:`stop`.

        Args:
            was_ready: whether the service was ready once; from then on nothing is given up.

        Raises:
            ChildFailed: it fails at every start.
            CommandError: it cannot be started at all.
        """
        loop = asyncio.get_running_loop()
        failures = 0
        while not self._is_stopping:
            started_at_s = loop.time()
            self._process = await self._start()
            status = await self._process.wait()
            if self._is_stopping:
                return
            is_steady = loop.time() - started_at_s >= STEADY_S
            failures = 1 if is_steady else failures + 1
            logger.warning("child_ended", child=self.name, status=status, failures=failures)
            if failures >= GIVE_UP_AFTER and not was_ready():
                raise ChildFailed(self.name, status)
            await asyncio.sleep(min(RESTART_MAX_S, RESTART_MIN_S * 2.0 ** min(failures - 1, 10)))

    async def stop(self) -> None:
        """End it: SIGTERM, and SIGKILL when that took too long."""
        self._is_stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(self._stop_timeout_s):
                await process.wait()
        except TimeoutError:
            logger.warning("child_killed", child=self.name, after_s=self._stop_timeout_s)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _start(self) -> asyncio.subprocess.Process:
        self.starts += 1
        return await asyncio.create_subprocess_exec(
            *self._command(),
            stdin=subprocess.DEVNULL,
            pass_fds=self._pass_fds,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which ends the children in their order
            preexec_fn=die_with_parent(os.getpid()),
        )


def die_with_parent(parent: int) -> Callable[[], None]:
    """Make the function that a new process calls so that it gets SIGTERM when ``parent`` dies, however that happens."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask
