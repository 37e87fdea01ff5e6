"""The recorder process: listens for the node, a thread that reads, one that writes. The disk may hold up the second as it
likes."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Final

import structlog

from config.model import Settings
from recorder.shelf import Shelf
from recorder.takes import Takes
from sfu.tap_wire import MESSAGE_MAX_BYTES

WAITING_MAX: Final = 20_000
"""Messages that wait for the disk, some 2 KiB each: half a minute of a session with four pictures."""
TICK_S: Final = 0.2
RECEIVE_BYTES: Final = 8 << 20
log = structlog.get_logger()


class Recorder:
    """The process's two ends: a listening socket, and :class:`recorder.takes.Takes`.

    Args:
        path: of the socket; one that is there is replaced.
        takes: what becomes of messages.
    """

    def __init__(self, path: Path, takes: Takes) -> None:
        self._takes = takes
        self._queue: queue.Queue[bytes | None] = queue.Queue(WAITING_MAX)
        self._is_stopping = threading.Event()
        self.dropped = 0
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(str(path))
        path.chmod(0o600)
        self._listener.listen(1)
        self._listener.settimeout(TICK_S)

    def stop(self) -> None:
        """Ends :meth:`run`, after what waits is written."""
        self._is_stopping.set()

    def run(self) -> None:
        """Records until :meth:`stop`."""
        reader = threading.Thread(target=self._read, name="reader", daemon=True)
        reader.start()
        tick_at = time.monotonic()
        while not self._is_stopping.is_set() or not self._queue.empty():
            with contextlib.suppress(queue.Empty):
                message = self._queue.get(timeout=max(0.0, min(TICK_S, tick_at - time.monotonic())))
                if message is None:
                    self._takes.new_node()
                else:
                    self._takes.receive(message, time.monotonic())
            now = time.monotonic()
            if now >= tick_at:
                tick_at = now + TICK_S
                self._takes.handle_timeout(now)
        self._takes.stop(time.monotonic())
        reader.join()
        self._listener.close()

    def _read(self) -> None:
        while not self._is_stopping.is_set():
            try:
                line, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            log.info("node_connected")
            with line:
                line.settimeout(TICK_S)
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
                self._put(None)
                self._read_line(line)

    def _read_line(self, line: socket.socket) -> None:
        while not self._is_stopping.is_set():
            try:
                message = line.recv(MESSAGE_MAX_BYTES)
            except TimeoutError:
                continue
            except OSError:
                message = b""
            if not message:
                log.info("node_gone", dropped=self.dropped)
                return
            self._put(message)

    def _put(self, message: bytes | None) -> None:
        try:
            self._queue.put_nowait(message)
        except queue.Full:
            self.dropped += 1


def wall_ms(at_s: float) -> int:
    """Milliseconds since the Unix epoch of a moment in monotonic seconds."""
    return round((time.time() - time.monotonic() + at_s) * 1000)


def run_recorder(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT.

    Raises:
        OSError: the socket or the folder of recordings cannot be made.
    """
    settings.ensure_run_dir()
    section = settings.recording
    shelf = Shelf(settings.recordings_dir, max_bytes=section.max_bytes, min_free_bytes=section.min_free_bytes)
    for part in shelf.recover():
        log.info("part_recovered", part=part)
    recorder = Recorder(settings.recorder_socket, Takes(shelf, part_s=section.part_minutes * 60.0, wall_ms=wall_ms))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: recorder.stop())
    log.info("recorder_ready", folder=str(settings.recordings_dir), pid=os.getpid())
    recorder.run()
    log.info("recorder_stopped", dropped=recorder.dropped, cpu_seconds=round(time.process_time(), 3))
