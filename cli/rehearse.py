"""`diemcau rehearse`: a whole meeting with simulated points against the running service, measured (docs/rehearsal.md)."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from bridge.codec import decode_directory
from bridge.errors import BridgeError
from bridge.ids import STANDING_LINE
from bridge.policy import ANY_SESSION
from bridge.units import Directory
from cli.directory import open_store
from cli.errors import EXIT_USAGE, CommandError
from cli.files import raise_open_files
from cli.remote import Remote, local_url
from config import Settings, load_keys
from config.keys import Keys
from rehearsal.cast import Cast, make_cast
from rehearsal.console import Console, ConsoleClosedError
from rehearsal.desks import Desks, Place
from rehearsal.machine import machine, version
from rehearsal.media import LiveMedia
from rehearsal.page import page_of
from rehearsal.parts import Parts
from rehearsal.progress import show
from rehearsal.record import Record
from rehearsal.result import Result
from rehearsal.run import Play
from rehearsal.scenario import Scenario, ScenarioError, plain_scenario, read_scenario
from rehearsal.still_sender import StillSender
from rehearsal.summary import table
from rehearsal.usage import find_meter
from signaling.auth import MAX_SCOPE, make_point_token, make_token, point_secret
from signaling.local_time import LOCAL
from signaling.store import StoreUnavailable

SUBJECT: Final = "center:rehearsal"
TITLE: Final = "DIỄN TẬP, không phải họp thật / REHEARSAL, not a real meeting"
TOKEN_LIFETIME_S: Final = 12 * 3600
SCRAPE_WITHIN_S: Final = 5.0
DEFAULT_POINTS: Final = 100
DEFAULT_CALLS: Final = 5
MAX_NAMED: Final = 5
"""Of the live points in a refusal: the others are counted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is played, and where the result goes."""
    what = parser.add_argument_group("what is played")
    what.add_argument("--points", type=int, metavar="N", help=f"simulated points, spread over the country ({DEFAULT_POINTS})")
    what.add_argument("--seconds", type=float, metavar="S", help="how long the meeting is measured (30)")
    what.add_argument("--video-pps", type=int, metavar="N", help="packets of picture that the center sends a second (100)")
    what.add_argument("--audio-pps", type=int, metavar="N", help="packets of sound (50)")
    what.add_argument("--join-over", type=float, metavar="S", help="spread the joins over so long (0: all at once)")
    what.add_argument("--calls", type=int, metavar="N", help=f"spot calls in the meeting ({DEFAULT_CALLS}; 0 with --no-desks)")
    what.add_argument(
        "--desks",
        action=argparse.BooleanOptionalAction,
        help="play the WebSocket of every point; --no-desks: of none (usually of those that are called)",
    )
    what.add_argument(
        "--stills", action="store_true", help="desks send stills too: drawn pictures, some black, frozen, covered or empty"
    )
    what.add_argument("--sample", type=int, metavar="N", help="points whose every packet is decrypted and compared (50)")
    what.add_argument("--idle", type=float, metavar="S", help="rest between the joins and the meeting (5)")
    what.add_argument("--seed", type=int, metavar="N", help="of everything that is drawn (1)")
    what.add_argument("--scenario", type=Path, metavar="FILE", help="a scenario (docs/rehearsal/*.toml); flags go before it")
    where = parser.add_argument_group("where, and what comes of it")
    where.add_argument("--session", metavar="ID", help="rehearse in this open session (usually in one of its own)")
    where.add_argument("--force", action="store_true", help="even where a center or real points are live: they get test pictures")
    where.add_argument("--json", type=Path, metavar="FILE", help="write the result as JSON")
    where.add_argument("--html", type=Path, metavar="FILE", help="write the result as a page with plots")


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Play, print the result, write what was asked for; 0 when it passed, 1 when it did not.

    Raises:
        CommandError: what was asked for cannot be played, or must not be.
    """
    import uvloop  # noqa: PLC0415 (other commands start without it)

    try:
        scenario = scenario_of(arguments)
        for path in (arguments.json, arguments.html):
            if path is not None and not path.absolute().parent.is_dir():
                raise CommandError(f"cannot write {path}: there is no folder {path.parent}", EXIT_USAGE)
        raise_open_files()
        if arguments.stills and scenario.desks == "none":
            raise CommandError("--stills needs desks: without their WebSockets nobody sends any", EXIT_USAGE)
        fields = uvloop.run(
            _rehearse(settings, scenario, arguments.session, is_forced=arguments.force, has_stills=arguments.stills)
        )
    except ScenarioError as error:
        raise CommandError(str(error), EXIT_USAGE) from error
    except (ConsoleClosedError, BridgeError) as error:
        raise CommandError(str(error)) from error
    _write(fields, arguments.json, arguments.html)
    print(table(fields))
    return 0 if fields["passed"] else 1


def scenario_of(arguments: argparse.Namespace) -> Scenario:
    """The scenario of the flags, alone or above a file.

    Raises:
        CommandError: flags do not fit together.
        ScenarioError: the file, or a value, is not good.
    """
    changes: dict[str, Any] = {
        key: value
        for key, value in {
            "seconds": arguments.seconds,
            "video_pps": arguments.video_pps,
            "audio_pps": arguments.audio_pps,
            "sample": arguments.sample,
            "idle_s": arguments.idle,
            "seed": arguments.seed,
        }.items()
        if value is not None
    }
    if arguments.desks is not None:
        changes["desks"] = "all" if arguments.desks else "none"
    if arguments.scenario is not None:
        for flag in ("points", "join_over", "calls"):
            if getattr(arguments, flag) is not None:
                name = flag.replace("_", "-")
                raise CommandError(f"--{name} and --scenario: who joins and who is called is in the scenario file", EXIT_USAGE)
        return read_scenario(arguments.scenario, changes)
    calls = arguments.calls if arguments.calls is not None else 0 if arguments.desks is False else DEFAULT_CALLS
    return plain_scenario(
        arguments.points if arguments.points is not None else DEFAULT_POINTS,
        changes.pop("seconds", 30.0),
        calls=calls,
        join_over_s=arguments.join_over or 0.0,
        **{"desks": "called" if calls else "none", **changes},
    )


class Stage:
    """The running service as a rehearsal finds it: its units, who is live, the keys for everybody's credentials."""

    def __init__(self, settings: Settings, directory: Directory, generations: Mapping[str, int]) -> None:
        self.settings, self.directory = settings, directory
        self._keys: Keys = load_keys(settings.data_dir)
        self._generations = generations
        parts = urlsplit(local_url(settings))
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self._scope = [unit.code for unit in directory.units if unit.parent is None][:MAX_SCOPE]

    def center_token(self) -> str:
        """A bearer of the national center, for every session."""
        return make_token(
            self._keys.token_key,
            role="center",
            session=ANY_SESSION,
            now=int(time.time()),
            lifetime_s=TOKEN_LIFETIME_S,
            subject=SUBJECT,
            scope=self._scope,
        )

    def point_token(self, code: str, session: str) -> str:
        """The bearer that a point gets with its welcome."""
        generation = self._generations.get(code, 0)
        return make_point_token(self._keys.token_key, code=code, session=session, now=int(time.time()), generation=generation)[0]

    def secret_of(self, code: str) -> str:
        """The secret of a point's link."""
        return point_secret(self._keys.link_key, code, self._generations.get(code, 0))

    def console(self, session: str) -> Console:
        """A console of a session."""
        return Console(Place(self.host, self.port, session), self.center_token())

    async def live(self, session: str) -> tuple[list[str], bool]:
        """The points that are live as a session sees it, and whether its center is."""
        async with self.console(session) as console:
            return [self.directory.points[place].code for place in console.live_places()], console.center_live


async def _rehearse(
    settings: Settings, scenario: Scenario, wanted_session: str | None, *, is_forced: bool, has_stills: bool
) -> dict[str, Any]:
    stage = await _stage(settings)
    cast = await _cast(stage, scenario, wanted_session, is_forced=is_forced)
    at = datetime.now(LOCAL).strftime("%d/%m/%Y %H:%M:%S")
    facts: dict[str, Any] = {"at": at, "version": version(), "machine": machine()}
    stop = asyncio.Event()
    with _told_by_signals(stop):
        async with _session(settings, cast, wanted_session) as session:
            record = Record(scenario, len(cast.joining), session=session, cpus=facts["machine"]["cores"])
            await _play(stage, scenario, cast, record, stop, has_stills=has_stills)
    return Result(record, facts).fields


async def _play(stage: Stage, scenario: Scenario, cast: Cast, record: Record, stop: asyncio.Event, *, has_stills: bool) -> None:
    settings = stage.settings
    meter, record.meter_reason = await asyncio.to_thread(find_meter, settings.data_dir, lambda: _scrape(settings))
    record.meter = None if meter is None else meter.how
    if meter is not None and record.meter_reason:
        record.notes.append(f"read by /metrics, without the store: {record.meter_reason}")
    media = LiveMedia(
        local_url(settings),
        record.session,
        token_of=lambda code: stage.point_token(code, record.session),
        center_token=stage.center_token(),
        rates=(scenario.video_pps, scenario.audio_pps),
        sample=scenario.sample,
        is_watched=bool(cast.calls),
        seed=scenario.seed,
    )

    def name_of(code: str) -> str:
        return stage.directory.point(code).name

    async with contextlib.AsyncExitStack() as stack:
        desks = console = None
        if scenario.desks != "none":
            place = Place(stage.host, stage.port)  # a point's hello is for the standing line, whatever it takes part in
            desks = await stack.enter_async_context(Desks(place, stage.secret_of, reconnects=True, seed=scenario.seed))
            console = await stack.enter_async_context(stage.console(record.session))
        play = Play(scenario, cast, Parts(media, desks, console, meter, name_of), record)
        beside = [asyncio.create_task(show(lambda: play.status, sys.stderr))]
        if desks is not None and has_stills:
            sender = await _still_sender(desks, [role.code for role in cast.joining if role.has_desk], scenario.seed)
            beside.append(asyncio.create_task(sender.run()))
        try:
            await play.run(stop)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


async def _still_sender(desks: Desks, codes: Sequence[str], seed: int) -> StillSender:
    from rehearsal import rooms  # noqa: PLC0415 (OpenCV is heavy)

    pictures = await asyncio.to_thread(rooms.cast, len(codes), seed)
    return StillSender(desks, dict(zip(codes, pictures, strict=True)), seed=seed)


# --- before and after ---------------------------------------------------------------------------------------------------


async def _stage(settings: Settings) -> Stage:
    remote = await asyncio.to_thread(Remote, settings, SUBJECT)
    directory = decode_directory(await asyncio.to_thread(remote.get, "/api/directory"))
    store = open_store(settings, load_keys(settings.data_dir))
    try:
        return Stage(settings, directory, await store.generations())
    except StoreUnavailable as error:
        raise CommandError(f"the store does not answer ({error}): which links were replaced is not known") from error
    finally:
        await store.close()


async def _cast(stage: Stage, scenario: Scenario, session: str | None, *, is_forced: bool) -> Cast:
    """Who plays. Real points that are live are left alone, and a real meeting is not disturbed.

    Raises:
        CommandError: it would be.
    """
    remote = await asyncio.to_thread(Remote, stage.settings, SUBJECT)
    within = None if session is None else await _units_of(remote, session)
    live, center_live = await stage.live(session or STANDING_LINE)
    if session is not None and not is_forced:
        if center_live:
            raise CommandError(
                f"phiên họp {session} đang có trung tâm phát hình / the center of session {session} is live: without --session "
                "the rehearsal takes a session of its own; --force sends test pictures into this one"
            )
        if live:
            raise CommandError(
                f"phiên họp {session} đang có điểm cầu thật / real points are live in session {session} ({_named(live)}): "
                "without --session they are left alone; --force sends them test pictures"
            )
    if session is None and not is_forced:
        sessions = (await asyncio.to_thread(remote.get, "/api/sessions"))["sessions"]
        meetings = [each for each in sessions if each["kind"] == "meeting" and each["state"] == "open" and each["live"]]
        if meetings:
            raise CommandError(
                f"đang có phiên họp / a meeting is going on: {meetings[0]['id']} ({meetings[0]['title']}), with "
                f"{meetings[0]['live']} live points: rehearse when it is over (diemcau session list), or with --force"
            )
    return make_cast(scenario, stage.directory, () if is_forced else live, within)


async def _units_of(remote: Remote, session: str) -> list[str]:
    """The units of an open session whose points take part in it without being called; none for all of the directory.

    Raises:
        CommandError: it is not open, or only those whom it calls take part in it.
    """
    view = await asyncio.to_thread(remote.get, f"/api/sessions/{quote(session, safe='')}")
    if view["state"] != "open":
        raise CommandError(f"phiên họp {session} chưa mở hoặc đã đóng / session {session} is not open (diemcau session list)")
    if view["kind"] == "line":
        raise CommandError(
            f"{session} là đường riêng của một trung tâm / {session} is a center's own line, whose programme only the points "
            "called get: leave --session out"
        )
    return [str(unit) for unit in view["units"]]


@contextlib.asynccontextmanager
async def _session(settings: Settings, cast: Cast, wanted: str | None) -> AsyncIterator[str]:
    """The session's id: the one that was asked for, or a new one that is closed at the end."""
    if wanted is not None:
        yield wanted
        return
    remote = await asyncio.to_thread(Remote, settings, SUBJECT)
    made = await asyncio.to_thread(remote.post, "/api/sessions", {"title": TITLE, "units": list(cast.units)})
    try:
        yield made["id"]
    finally:
        await asyncio.to_thread(_close, settings, made["id"])


def _close(settings: Settings, session: str) -> None:
    try:  # a new token: the first may have ended meanwhile
        Remote(settings, SUBJECT).post(f"/api/sessions/{quote(session, safe='')}/close")
    except CommandError as error:
        print(f"diemcau rehearse: session {session} is still open (diemcau session close {session}): {error}", file=sys.stderr)


@contextlib.contextmanager
def _told_by_signals(stop: asyncio.Event) -> Any:
    """Ctrl-C and SIGTERM end the play in order; a second Ctrl-C ends the process."""
    loop = asyncio.get_running_loop()

    def tell() -> None:
        print("\nĐang kết thúc… / Ending…", file=sys.stderr)
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, tell)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _scrape(settings: Settings) -> str:
    with urllib.request.urlopen(f"{local_url(settings)}/metrics", timeout=SCRAPE_WITHIN_S) as response:  # noqa: S310 (our own)
        text: str = response.read().decode()
        return text


def _named(codes: Sequence[str]) -> str:
    more = len(codes) - MAX_NAMED
    return ", ".join(codes[:MAX_NAMED]) + (f" … +{more}" if more > 0 else "")


def _write(fields: Mapping[str, Any], json_path: Path | None, html_path: Path | None) -> None:
    forms: tuple[tuple[Path | None, Callable[[], str]], ...] = (
        (json_path, lambda: json.dumps(fields, ensure_ascii=False, indent=1, allow_nan=False) + "\n"),
        (html_path, lambda: page_of(dict(fields))),
    )
    for path, make in forms:
        if path is not None:
            try:
                path.write_text(make(), encoding="utf-8")
            except OSError as error:
                raise CommandError(f"cannot write {path}: {error.strerror}") from error
