"""The settings, as pydantic models: one class a section, defaults that run on one machine, units in names.

Order of precedence: file < environment (``DIEMCAU_HTTP__PORT``) < flags. Unknown keys are errors everywhere. The
same keys, with their explanation, are in ``sample.toml``; a test holds the two together.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.keys import Keys
from config.limits import MAX_SOCKET_PATH_BYTES

VALKEY_SOCKET = "valkey.sock"
NODE_SOCKET = "node.sock"
STILLS_SOCKET = "stills.sock"
RECORDER_SOCKET = "rec.sock"

# Rust regular expressions: \z is the very end of the text.
Code = Annotated[str, StringConstraints(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,31}\z")]
Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Count = Annotated[int, Field(ge=1)]


class Section(BaseModel):
    """A section of the settings: frozen, and every key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def checked_address(value: str) -> str:
    """The address of a socket between processes of the service, or nothing; raises ValueError."""
    if value.startswith("tcp:"):
        host, _, port = value[4:].rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ValueError("give tcp:HOST:PORT, such as tcp:10.0.0.5:7000")
    elif value and not (value.startswith("unix:") and len(value) > 5):
        raise ValueError("give unix:PATH or tcp:HOST:PORT")
    return value


class Http(Section):
    """Where browsers come in."""

    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: str = ""
    origins: list[str] = []
    trusted_proxies: list[str] = []

    @field_validator("public_url")
    @classmethod
    def _plain_url(cls, value: str) -> str:
        if value:
            parts = urlsplit(value)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
                raise ValueError("give the address people type, such as https://diemcau.example.vn")
        return value.rstrip("/")

    @field_validator("origins")
    @classmethod
    def _plain_origins(cls, value: list[str]) -> list[str]:
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query or parts.fragment:
                raise ValueError(f"{origin!r} is no origin: give scheme, host and port only, such as https://example.vn")
        return value


class Media(Section):
    """Where audio and video come in, and how signaling reaches the node."""

    host: str = "127.0.0.1"
    port: Port = 10000
    announce: list[str] = []
    tcp: bool = True
    node_id: Code = "node-1"
    control: str = ""
    control_secret: str = Field(default="", repr=False)
    publisher_max_bps: Annotated[int, Field(ge=100_000, le=100_000_000)] = 2_500_000
    keyframe_interval_s: Annotated[float, Field(ge=0.1, le=60)] = 1.0
    core: Literal["auto", "native", "reference"] = "auto"
    fanout_threads: Annotated[int, Field(ge=0, le=8)] = 0
    audio_ptime_ms: int = 0

    @field_validator("audio_ptime_ms")
    @classmethod
    def _known_length(cls, value: int) -> int:
        if value not in {0, 10, 20, 40, 60}:
            raise ValueError("give 10, 20, 40 or 60 milliseconds, or 0 for what the browser likes")
        return value

    @field_validator("control")
    @classmethod
    def _known_address(cls, value: str) -> str:
        return checked_address(value)

    @model_validator(mode="after")
    def _reachable(self) -> Media:
        if self.host in {"", "0.0.0.0", "::"} and not self.announce:
            raise ValueError(f"with host {self.host!r} give the addresses that browsers reach in media.announce")
        return self


class Redis(Section):
    """The store of log, leases, presence and plan."""

    url: str = Field(default="", repr=False)
    prefix: Annotated[str, StringConstraints(pattern=r"\A[A-Za-z0-9:._{}-]{1,64}\z")] = "diemcau:"

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"redis", "rediss", "unix", "valkey", "valkeys"}:
            raise ValueError("give redis://, rediss://, valkey://, valkeys:// or unix://; empty starts a private Valkey")
        return value


class Sessions(Section):
    """Which sessions are opened on start."""

    open: list[Code] = ["main"]
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)] = "Phiên họp"


class DirectorySource(Section):
    """Which units exist when nothing was imported."""

    source: Literal["national", "empty"] = "national"


class Calls(Section):
    """The clocks of a call."""

    deliver_timeout_s: Seconds = 5.0
    answer_timeout_s: Seconds = 30.0
    media_timeout_s: Seconds = 10.0
    reconnect_grace_s: Seconds = 30.0
    auto_preview: bool = True


class Floor(Section):
    """The clock of a speaker."""

    speaking_s: Seconds = 180.0
    warning_s: Seconds = 30.0


class Escalation(Section):
    """Who else is tried when a point does not answer."""

    step_s: Seconds = 60.0
    automatic: bool = False


class RosterSettings(Section):
    """How shifts are confirmed."""

    confirm_s: Seconds = 900.0


class Presence(Section):
    """How long a process that fell silent keeps its points live."""

    lease_s: Seconds = 6.0
    heartbeat_s: Seconds = 2.0

    @model_validator(mode="after")
    def _several_beats(self) -> Presence:
        if self.heartbeat_s * 2 > self.lease_s:
            raise ValueError("heartbeat_s must be at most half of lease_s, or one lost beat ends the lease")
        return self


class Lease(Section):
    """How long a process that fell silent keeps owning a session."""

    lease_s: Seconds = 5.0
    renew_s: Seconds = 1.5

    @model_validator(mode="after")
    def _several_renewals(self) -> Lease:
        if self.renew_s * 2 > self.lease_s:
            raise ValueError("renew_s must be at most half of lease_s, or one lost renewal ends the lease")
        return self


class Snapshots(Section):
    """How often a session's state is kept beside its log."""

    every: Annotated[int, Field(ge=0)] = 20_000


class Stills(Section):
    """The small pictures that points send while they wait, and the process that looks at them."""

    enabled: bool = True
    every_s: Annotated[float, Field(ge=2, le=300)] = 10.0
    max_bytes: Annotated[int, Field(ge=4096, le=61_440)] = 24_576
    chairs: bool = True
    chair_every_s: Annotated[float, Field(ge=10, le=3600)] = 60.0
    address: str = ""

    @field_validator("address")
    @classmethod
    def _known_address(cls, value: str) -> str:
        return checked_address(value)


class Limits(Section):
    """What one address, and everybody together, may ask for."""

    joins_per_s: Annotated[float, Field(gt=0)] = 400.0
    joins_burst: Count = 1000
    joins_per_address_per_s: Annotated[float, Field(gt=0)] = 400.0
    joins_per_address_burst: Count = 1000
    joins_lag_s: Seconds = 0.5
    bad_credentials_per_address_per_min: Count = 60
    ws_queue: Count = 256
    ws_slow_close_s: Seconds = 8.0
    hello_timeout_s: Seconds = 5.0


class Recording(Section):
    """What is recorded, and what disk it may take."""

    enabled: bool = True
    max_bytes: Annotated[int, Field(ge=0)] = 500_000_000_000
    min_free_bytes: Annotated[int, Field(ge=0)] = 5_000_000_000
    part_minutes: Annotated[int, Field(ge=1, le=720)] = 60


class Help(Section):
    """Whom an official may ask. ``hotline`` is a telephone number as people write it; empty: none."""

    hotline: Annotated[str, Field(max_length=40, pattern=r"^([+0-9(][-+0-9 ().]*)?$")] = ""


class Log(Section):
    """How the service writes about itself."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


class Settings(BaseSettings):
    """Everything a process of the service needs to know before it starts. Frozen; made by :func:`config.load.load`."""

    model_config = SettingsConfigDict(
        env_prefix="DIEMCAU_", env_nested_delimiter="__", extra="forbid", frozen=True, nested_model_default_partial_update=True
    )

    data_dir: Path = Path("diemcau-data")
    http: Http = Http()
    media: Media = Media()
    redis: Redis = Redis()
    sessions: Sessions = Sessions()
    directory: DirectorySource = DirectorySource()
    calls: Calls = Calls()
    floor: Floor = Floor()
    escalation: Escalation = Escalation()
    roster: RosterSettings = RosterSettings()
    presence: Presence = Presence()
    lease: Lease = Lease()
    snapshots: Snapshots = Snapshots()
    stills: Stills = Stills()
    limits: Limits = Limits()
    recording: Recording = Recording()
    help: Help = Help()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (the signature is the base class's)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags and environment only; :func:`config.load.load` adds the file below them."""
        return (init_settings, env_settings)

    @property
    def run_dir(self) -> Path:
        """Where the sockets are: ``data_dir/run``, or a folder in the system's temporary one when that path is too long.

        Not created by looking at it: see :meth:`ensure_run_dir`.
        """
        absolute = Path(os.path.abspath(self.data_dir))  # noqa: PTH100 (resolve() would follow links, and so differ later)
        near = absolute / "run"
        if len(os.fsencode(near / VALKEY_SOCKET)) < MAX_SOCKET_PATH_BYTES:
            return near
        return Path(tempfile.gettempdir()) / f"diemcau-{hashlib.sha256(os.fsencode(absolute)).hexdigest()[:12]}"

    def ensure_run_dir(self) -> Path:
        """Create :attr:`run_dir` for this user only and return it.

        Raises:
            PermissionError: the folder exists and is another user's, or a link.
        """
        path = self.run_dir
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise PermissionError(f"{path} is not a folder of this user: remove it, or choose another data_dir")
        path.chmod(0o700)
        return path

    @property
    def public_url(self) -> str:
        """The address in links, without a trailing slash."""
        if self.http.public_url:
            return self.http.public_url
        host = f"[{self.http.host}]" if ":" in self.http.host else self.http.host
        return f"http://{host}:{self.http.port}"

    @property
    def allowed_origins(self) -> frozenset[str]:
        """Origins of pages that may talk to the service: the public address's own, and ``http.origins``."""
        parts = urlsplit(self.public_url)
        return frozenset({f"{parts.scheme}://{parts.netloc}", *self.http.origins})

    @property
    def media_announce(self) -> tuple[str, ...]:
        """Addresses that are offered to browsers as ICE candidates."""
        return tuple(self.media.announce) or (self.media.host,)

    @property
    def control_address(self) -> str:
        """``unix:PATH`` or ``tcp:HOST:PORT`` of the node's control socket."""
        return self.media.control or f"unix:{self.run_dir / NODE_SOCKET}"

    @property
    def stills_address(self) -> str:
        """``unix:PATH`` or ``tcp:HOST:PORT`` of the desk check's socket."""
        return self.stills.address or f"unix:{self.run_dir / STILLS_SOCKET}"

    @property
    def recorder_socket(self) -> Path:
        """Where the recorder listens for the node."""
        return self.run_dir / RECORDER_SOCKET

    @property
    def recordings_dir(self) -> Path:
        """Where recordings are, a folder for each session."""
        return self.data_dir / "recordings"

    def control_secret(self, keys: Keys) -> str:
        """The secret that opens the control socket."""
        return self.media.control_secret or keys.control_secret

    def redis_url(self, keys: Keys) -> str:
        """The URL of the store: the configured one, or that of the private Valkey, password included."""
        if self.redis.url:
            return self.redis.url
        return f"unix://:{quote(keys.valkey_password, safe='')}@{self.run_dir / VALKEY_SOCKET}"
