"""`diemcau demo`: the service, a simulated center and simulated points, and the links to try it by hand.

Two children, each in a session of its own so that Ctrl-C reaches only this process, which ends them in order: the players
first, so that they can say goodbye, then the service.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from bridge.errors import BridgeError
from bridge.policy import ANY_SESSION
from cli.account import demo_login
from cli.directory import load_directory, open_store
from cli.remote import local_url
from config import Settings
from config.keys import Keys, load_keys
from demo.cast import NATIONAL_CAST, OPEN_SEAT, Character, Part, Play
from demo.run import Summary
from signaling.auth import make_token, point_link, point_secret
from signaling.store import StoreUnavailable

READY_TIMEOUT_S = 60.0
LIVE_TIMEOUT_S = 60.0
END_TIMEOUT_S = 15.0
POLL_S = 0.1
TOKEN_LIFETIME_S = 30 * 24 * 3600
DEMO_ACCOUNTS = {"demo-trungtam": "center", "demo-dieuhanh": "operator", "demo-quansat": "observer"}


class DemoError(Exception):
    """The demo cannot go on; the message says why and what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `diemcau demo`."""
    parser.add_argument("--points", type=int, default=len(NATIONAL_CAST), help="simulated points (default: %(default)s)")


def run(settings: Settings, arguments: argparse.Namespace, serve_flags: list[str]) -> int:
    """Runs the demo until Ctrl-C, SIGTERM or the end of a child; gives the exit status.

    `serve_flags` are given to `diemcau serve` as they are, so that it reads the same settings.
    """
    try:
        return asyncio.run(_run(settings, arguments.points, serve_flags))
    except DemoError as error:
        print(f"diemcau demo: {error}", file=sys.stderr)
        return 1


async def _run(settings: Settings, points: int, serve_flags: list[str]) -> int:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await _refuse_busy_port(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    log_path = settings.data_dir / "service.log"
    stop = asyncio.create_task(told.wait())
    try:
        _say("Đang khởi động dịch vụ… / Starting the service…")
        async with _child([sys.executable, "-m", "cli.main", "serve", *serve_flags], log_path) as service:
            body = asyncio.create_task(_perform(settings, points, service, log_path))
            await asyncio.wait([body, stop], return_when=asyncio.FIRST_COMPLETED)
            if not body.done():
                _say("\nĐang kết thúc… / Ending…")
                body.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await body
    finally:
        stop.cancel()
    return 0


async def _perform(settings: Settings, points: int, service: Process, log_path: Path) -> None:
    """Everything between the start of the service and its end.

    Raises:
        DemoError: the service or the players did not come up, or one of them ended.
    """
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
        await _until_ready(http, settings, service, log_path)
        keys = load_keys(settings.data_dir)
        operator_token = _token(keys, "operator")
        directory = await _directory(http, settings, operator_token)
        generations = await _generations(settings, keys)
        logins = await _logins(settings, keys)
    parts = cast(directory, keys, generations, points)
    play = Play(local_url(settings), settings.sessions.open[0], _token(keys, "center"), parts)
    _say(f"Đang đưa {len(play.parts)} điểm cầu mô phỏng vào phiên họp… / Bringing {len(play.parts)} simulated points in…")
    async with _child([sys.executable, "-m", "demo.run"], log_path, wants_pipes=True) as players:
        _write_play(players, play)
        await _until_live(players, len(play.parts), log_path)
        seat_link = point_link(settings.public_url, keys.link_key, OPEN_SEAT, generations.get(OPEN_SEAT, 0))
        _say(welcome_text(settings, keys, directory, play, seat_link, logins))
        players_end = asyncio.create_task(_drain(players))
        service_end = asyncio.create_task(service.wait())
        try:
            await asyncio.wait([players_end, service_end], return_when=asyncio.FIRST_COMPLETED)
        finally:
            players_end.cancel()
            service_end.cancel()
        raise DemoError(f"the service or the simulated points ended by themselves; see {log_path}")


@contextlib.asynccontextmanager
async def _child(command: list[str], log_path: Path, *, wants_pipes: bool = False) -> AsyncIterator[Process]:
    pipe = PIPE if wants_pipes else None
    with log_path.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe or subprocess.DEVNULL, stdout=pipe or log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), END_TIMEOUT_S)
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _refuse_busy_port(settings: Settings) -> None:
    """Raises DemoError when somebody listens already: the demo must not take another service for its own."""
    port = settings.http.port
    with contextlib.suppress(OSError):
        _, writer = await asyncio.open_connection(settings.http.host or "127.0.0.1", port)
        writer.close()
        raise DemoError(f"cổng {port} đang bận / port {port} is in use; choose another: DIEMCAU_HTTP__PORT=8081 make run")


async def _until_ready(http: aiohttp.ClientSession, settings: Settings, service: Process, log_path: Path) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while True:
        if service.returncode is not None:
            raise DemoError(f"the service ended with {service.returncode}; the end of {log_path} is:\n{_tail(log_path)}")
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with http.get(local_url(settings) + "/readyz") as response:
                if response.status == 200:
                    return
        if time.monotonic() > deadline:
            raise DemoError(f"the service was not ready within {READY_TIMEOUT_S:.0f} s; see {log_path}")
        await asyncio.sleep(POLL_S)


async def _directory(http: aiohttp.ClientSession, settings: Settings, token: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with http.get(local_url(settings) + "/api/directory", headers=headers) as response:
        if response.status != 200:
            raise DemoError(f"the service gives no directory: {response.status} {response.reason}")
        directory: dict[str, Any] = await response.json()
        return directory


async def _generations(settings: Settings, keys: Keys) -> Mapping[str, int]:
    """How often links were replaced in this data folder: the players come by the newest, as anybody."""
    store = open_store(settings, keys)
    try:
        return await store.generations()
    except StoreUnavailable as error:
        raise DemoError(f"the store does not answer: {error}") from error
    finally:
        await store.close()


async def _logins(settings: Settings, keys: Keys) -> list[tuple[str, str]]:
    """An account of each role with a password of this run, for trying the login by hand; their names are the demo's own."""
    store = open_store(settings, keys)
    try:
        directory = await load_directory(store, settings)
        return [(name, await demo_login(store, directory, name, role)) for name, role in DEMO_ACCOUNTS.items()]
    except (StoreUnavailable, BridgeError) as error:
        raise DemoError(f"the demo's accounts were not made: {error}") from error
    finally:
        await store.close()


def cast(directory: dict[str, Any], keys: Keys, generations: Mapping[str, int], count: int) -> tuple[Part, ...]:
    """The first `count` points of the demo's cast that the directory has; it must have one.

    Raises:
        DemoError: none of them is in the directory.
    """
    names = {code: name for code, _, name in directory["points"]}
    present = [(code, character) for code, character in NATIONAL_CAST.items() if code in names][:count]
    if not present:
        raise DemoError("the directory has none of the demo's communes; start it with an empty data folder")
    return tuple(
        Part(
            code,
            point_secret(keys.link_key, code, generations.get(code, 0)),
            names[code],
            place_of(directory, code),
            character,
            index,
        )
        for index, (code, character) in enumerate(present)
    )


def place_of(directory: dict[str, Any], point: str) -> str:
    """The units above a point's own, nearest first, without the country: "Quận 4, Thành phố Hồ Chí Minh"."""
    units = {code: (name, parent) for code, name, parent, _ in directory["units"]}
    unit = next((unit for code, unit, _ in directory["points"] if code == point), None)
    names = []
    while unit is not None and unit in units:
        name, unit = units[unit]
        names.append(name)
    return ", ".join(names[1:-1])


def _write_play(players: Process, play: Play) -> None:
    if players.stdin is None:
        raise DemoError("the players have no standard input")
    players.stdin.write(json.dumps(play.to_json()).encode() + b"\n")


async def _lines(players: Process) -> AsyncIterator[Summary]:
    if players.stdout is None:
        return
    while line := await players.stdout.readline():
        yield json.loads(line)


async def _until_live(players: Process, count: int, log_path: Path) -> None:
    try:
        async with asyncio.timeout(LIVE_TIMEOUT_S):
            async for summary in _lines(players):
                if summary["live"] >= count and summary["watching"] >= count and summary["center"]:
                    return
    except TimeoutError:
        raise DemoError(f"the simulated points were not all live within {LIVE_TIMEOUT_S:.0f} s; see {log_path}") from None
    raise DemoError(f"the simulated points ended; the end of {log_path} is:\n{_tail(log_path)}")


async def _drain(players: Process) -> None:
    async for _ in _lines(players):
        pass


def _token(keys: Keys, role: Any) -> str:
    return make_token(keys.token_key, role=role, session=ANY_SESSION, now=int(time.time()), lifetime_s=TOKEN_LIFETIME_S)


def welcome_text(
    settings: Settings,
    keys: Keys,
    directory: dict[str, Any],
    play: Play,
    seat_link: str,
    logins: Sequence[tuple[str, str]] = (),
) -> str:
    """The links and what to do with them, in both languages."""
    url = settings.public_url
    names = {part.character: f"{part.name}, {part.place}" for part in reversed(play.parts)}
    seats = [f"{name}, {place_of(directory, code)}" for code, _, name in directory["points"] if code == OPEN_SEAT]
    lines = [
        "",
        f"ĐIỂM CẦU · {len(play.parts)} điểm cầu mô phỏng đang trực tuyến / simulated points are live",
        "",
        "Trung tâm / Center:",
        f"  {url}/center#token={_token(keys, 'center')}",
        "Điều hành viên / Operator console:",
        f"  {url}/console#token={_token(keys, 'operator')}",
    ]
    if logins:
        lines.append(f"Hoặc đăng nhập / Or log in: {url}/login")
        lines += [f"  {name:<16} {password}" for name, password in logins]
    if seats:
        lines += [
            f"Một xã để tự ngồi thử / One commune for yourself: {seats[0]}",
            f"  {seat_link}",
        ]
    lines += [
        "",
        "Thử ngay: mở trang điều hành viên, tìm một xã, bấm Gọi; khi có hình thì bấm LÊN HÌNH.",
        "Try it: open the operator console, find a commune, call it; when its picture is there, put it on air.",
    ]
    for character, words in (
        (Character.PROMPT, "trả lời ngay / answers at once"),
        (Character.SLOW, "chậm trả lời / answers late"),
        (Character.SILENT, "đổ chuông, không ai trả lời / rings, nobody answers"),
        (Character.BUSY, "từ chối và nêu lý do / declines, with a reason"),
    ):
        if character in names:
            lines.append(f"  · {names[character]}: {words}")
    lines += ["", "Ctrl-C để kết thúc / ends everything.", ""]
    return "\n".join(lines)


def _tail(path: Path, lines: int = 15) -> str:
    with contextlib.suppress(OSError):
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    return ""


def _say(text: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(text, flush=True)
