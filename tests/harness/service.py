"""The real service as processes: started on free ports with a data folder of its own, watched, ended, its log judged.

`start_service` is the context manager, `service` the fixture of one test, `module_service` that of one module.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import psutil
import pytest

import config.keys
from tests.harness.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 40
CHILDREN = ("signaling", "node", "recorder", "stills", "valkey")

# What no log of a healthy service holds: a traceback, in text or inside a JSON line, or a report of the event loop.
NOISE = re.compile(
    r"Traceback \(most recent call last\)|never retrieved|was never awaited|Task was destroyed|ResourceWarning"
    r'|"level": ?"(?:error|critical)"'
)


@dataclass
class Service:
    """A running service and what a test needs to talk to it."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    log_path: Path
    http_port: int
    media_port: int
    host: str = "127.0.0.1"
    session: str = "main"
    command: list[str] = field(default_factory=list)
    expected_noise: list[re.Pattern[str]] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return f"http://{self.host}:{self.http_port}"

    @property
    def websocket_url(self) -> str:
        """Where pages open their WebSocket."""
        return f"ws://{self.host}:{self.http_port}/ws"

    def point_secret(self, code: str) -> str:
        """The secret of a point's link, computed here once more from the key of the data folder."""
        mac = hmac.digest(self._keys().link_key, f"point:{code}:0".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac).decode()[:22]

    def token(self, role: str, scope: tuple[str, ...] = ("VN",), lifetime_s: int = 3600, session: str = "") -> str:
        """A token of `role` (center, operator, observer, viewer), signed here once more with the key of the data folder.

        It is for the service's own session unless another one is named; ``*`` is all.
        """
        now = int(time.time())
        claims = {
            "sub": f"test-{role}",
            "role": role,
            "session": session or self.session,
            "scope": list(scope),
            "iat": now,
            "exp": now + lifetime_s,
        }
        return jwt.encode(claims, self._keys().token_key, algorithm="HS256")

    def point_link(self, code: str) -> str:
        """The address that is given to a commune: the secret is in the fragment only."""
        return f"{self.base_url}/p/{code}#{self.point_secret(code)}"

    def console_link(self, role: str) -> str:
        """The address of the console of `center` or `operator`."""
        return f"{self.base_url}/console#token={self.token(role)}"

    def get(self, path: str, token: str | None = None, timeout_s: float = 15) -> tuple[int, str]:
        """Status and body of a plain GET; status 0 when nobody answers."""
        request = urllib.request.Request(self.base_url + path)
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def post(self, path: str, token: str, body: object = None, timeout_s: float = 30) -> tuple[int, Any]:
        """Status and JSON body of a POST."""
        request = urllib.request.Request(self.base_url + path, method="POST")
        request.add_header("Authorization", f"Bearer {token}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def is_ready(self) -> bool:
        """Whether /readyz says so."""
        return self.get("/readyz", timeout_s=2)[0] == 200

    def event_log(self) -> list[dict[str, object]]:
        """The session's event log, oldest first, as the service gives it."""
        status, body = self.get(f"/api/sessions/{self.session}/log", self.token("operator"))
        assert status == 200, f"event log: {status} {body}"
        return [json.loads(line) for line in body.splitlines() if line]

    def calls(self) -> list[dict[str, object]]:
        """Every call of the session as the service gives it (CallView)."""
        status, body = self.get(f"/api/sessions/{self.session}/calls", self.token("operator"))
        assert status == 200, f"calls: {status} {body}"
        parsed = json.loads(body)
        calls = parsed["calls"] if isinstance(parsed, dict) else parsed
        assert isinstance(calls, list)
        return calls

    def child(self, name: str) -> psutil.Process:
        """The child process `name` (signaling, node, valkey) as it runs now.

        Raises:
            LookupError: it does not run.
        """
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                words = process.cmdline()
                if process.status() != psutil.STATUS_ZOMBIE and _names(words, name):
                    return process
        raise LookupError(name)

    def pids(self) -> dict[str, int]:
        """The pids of the children that run now, by name."""
        found = {}
        for name in CHILDREN:
            with contextlib.suppress(LookupError):
                found[name] = self.child(name).pid
        return found

    def kill(self, name: str) -> int:
        """SIGKILL to the child `name`; gives the pid it had."""
        victim = self.child(name)
        victim.send_signal(signal.SIGKILL)
        return victim.pid

    def is_replaced(self, name: str, old_pid: int) -> bool:
        """Whether the child `name` runs again as another process."""
        return self.pids().get(name, old_pid) != old_pid

    def log(self) -> str:
        """Everything that the service and its children wrote."""
        return self.log_path.read_text(errors="replace")

    def noise(self) -> list[str]:
        """The lines of the log that a healthy service does not write and this test did not announce."""
        return [
            line
            for line in self.log().splitlines()
            if NOISE.search(line) and not any(pattern.search(line) for pattern in self.expected_noise)
        ]

    def stop(self) -> int:
        """SIGTERM, and the exit status; what does not end in time is killed and fails the test."""
        if self.process.poll() is None:
            family = psutil.Process(self.process.pid).children(recursive=True)
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                for process in family:
                    with contextlib.suppress(psutil.Error):
                        process.kill()
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"the service did not end within {STOP_TIMEOUT_S} s of SIGTERM:\n{self.tail()}") from None
            _, alive = psutil.wait_procs(family, timeout=15)
            assert not alive, f"children outlived the service: {alive}"
        return self.process.returncode

    def tail(self, lines: int = 60) -> str:
        """The end of the log, for messages."""
        return "\n".join(self.log().splitlines()[-lines:])

    def _keys(self) -> config.keys.Keys:
        return config.keys.load_keys(self.data_dir)


def _names(words: list[str], child: str) -> bool:
    if child == "valkey":
        return (bool(words) and "valkey-server" in words[0]) or "redis-server" in words[:1]
    return child in words


@contextlib.contextmanager
def start_service(
    folder: Path, settings: dict[str, str] | None = None, prefix: tuple[str, ...] = (), host: str = "127.0.0.1"
) -> Iterator[Service]:
    """Starts the service, waits until it is ready, ends it and judges its log.

    Args:
        folder: where the data folder and the log go.
        settings: further settings as environment, `{"CALLS__ANSWER_TIMEOUT_S": "3"}`.
        prefix: a command to run it under, such as `("ip", "netns", "exec", name)`.
        host: the address that it listens on, inside the namespace of `prefix`.

    Raises:
        AssertionError: not ready in time, an exit status other than 0, or noise in the log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    http_port, media_port = free_port(), free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DIEMCAU_")}
    environment |= {
        "DIEMCAU_DATA_DIR": str(folder / "data"),
        "DIEMCAU_HTTP__HOST": host,
        "DIEMCAU_HTTP__PORT": str(http_port),
        "DIEMCAU_MEDIA__HOST": host,
        "DIEMCAU_MEDIA__PORT": str(media_port),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDEVMODE": "",
    }
    environment |= {f"DIEMCAU_{key}": value for key, value in (settings or {}).items()}
    log_path = folder / "service.log"
    command = [*prefix, sys.executable, "-m", "cli.main", "serve"]
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    service = Service(process, folder / "data", log_path, http_port, media_port, host, command=command)
    finished = False
    try:
        if not prefix:  # from outside a namespace its HTTP is not reachable: the test waits there itself
            _wait_ready(service)
        yield service
        finished = True
    finally:
        try:
            status = service.stop()
        finally:
            if not finished:
                print(f"--- the service's log ({log_path})\n{service.tail()}", file=sys.stderr)
    assert status == 0, f"the service ended with {status}:\n{service.tail()}"
    assert not service.noise(), "the service's log holds errors:\n" + "\n".join(service.noise()) + "\n" + service.tail()


def _wait_ready(service: Service) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not service.is_ready():
        assert service.process.poll() is None, f"the service ended with {service.process.returncode}:\n{service.tail()}"
        assert time.monotonic() < deadline, f"the service was not ready within {START_TIMEOUT_S} s:\n{service.tail()}"
        time.sleep(0.05)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service of this test alone."""
    with start_service(tmp_path / "service") as running:
        yield running


@pytest.fixture(scope="module")
def module_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that the tests of one module share."""
    with start_service(tmp_path_factory.mktemp("service")) as running:
        yield running
