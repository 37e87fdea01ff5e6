"""A recording of a real session: what was shown and said is in it, together and at its time, whatever process died meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
from pathlib import Path
from typing import Any

import av
import pytest

from tests.harness.desks import WsConsole, WsPoint
from tests.harness.flashes import FlashingPublisher, Recorded, offsets
from tests.harness.service import Service, start_service
from tests.harness.wait import until
from tests.harness.webrtc import TestViewer, is_near

pytestmark = [pytest.mark.service, pytest.mark.alone]

CENTER, GUEST = (200, 40, 40), (40, 60, 200)
CENTER_HZ, GUEST_HZ = 500, 1300
POINT = "26740"
CENTER_CHANNEL, GUEST_CHANNEL = 2, 0
TOGETHER_S = 0.1


def parts(service: Service, session: str = "main") -> dict[str, dict[str, Any]]:
    """What lies beside each part, by its name."""
    folder = service.data_dir / "recordings" / session
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*-*.json")) if "." not in path.stem}


def file_of(service: Service, name: str, session: str = "main") -> Path:
    """A part's file."""
    return service.data_dir / "recordings" / session / f"{name}.mkv"


async def written(service: Service, name: str, length_s: float) -> None:
    """Waits until so much of a part is on disk."""

    def is_so() -> bool:
        said = parts(service).get(name)
        return said is not None and said["length_ms"] >= length_s * 1000

    await until(f"{name} is {length_s} s long", is_so, 30)


def plays(service: Service, name: str, channel: int, from_s: float, times: int) -> bool:
    """Whether a part that still grows has so many flashes and beeps behind a time. Its pictures may begin after its sound."""
    with contextlib.suppress(OSError, av.FFmpegError):  # it is not there yet, or not yet a file that says what it is
        part = Recorded(file_of(service, name))
        return min(len(part.flashes(from_s)), len(part.beeps(channel, from_s))) >= times
    return False


async def is_playing(service: Service, name: str, channel: int, from_s: float, times: int) -> None:
    """Waits until :func:`plays`; looked at beside the event loop, which is the sender's."""

    async def is_so() -> bool:
        return await asyncio.to_thread(plays, service, name, channel, from_s, times)

    await until(f"{name} flashes and beeps {times} times after {from_s} s", is_so, 60, every_s=1)


async def grown(service: Service, name: str, by_s: float) -> None:
    """Waits until so much more of a part is on disk than now."""
    await written(service, name, parts(service)[name]["length_ms"] / 1000 + by_s)


def assert_together(apart_s: list[float], at_least: int) -> None:
    """Picture and sound belong together wherever they can be compared; prints by how much they are apart.

    A third may be further: the sender is a Python process, whose pictures come late when it has no time for them.
    """
    print("beeps after flashes, ms:", [round(each * 1000) for each in apart_s])
    together = [each for each in apart_s if abs(each) <= TOGETHER_S]
    assert len(together) >= max(at_least, len(apart_s) * 2 / 3), apart_s


async def test_a_meeting_is_recorded_with_its_call(tmp_path: Path) -> None:
    with start_service(tmp_path / "service") as service:
        async with (
            WsConsole(service, "center") as console,
            WsPoint(service, POINT) as point,
            FlashingPublisher(service, service.token("center"), CENTER, CENTER_HZ),
            TestViewer(service, service.token("viewer")) as viewer,
        ):
            await viewer.sees("main", CENTER)
            assert (await console.command("start_recording"))["type"] == "ack"
            await is_playing(service, "programme-001", CENTER_CHANNEL, 2, 4)
            call = await console.place_call(POINT)
            await point.ring()
            async with FlashingPublisher(service, point.token, GUEST, GUEST_HZ):
                await point.say("answer", call)
                await console.call_state(call, "preview")
                assert (await console.command("take", call=call))["type"] == "ack"
                await viewer.sees("main", GUEST)
                on_air_s = parts(service)["programme-001"]["length_ms"] / 1000
                await is_playing(service, "programme-001", GUEST_CHANNEL, on_air_s + 1, 6)
                await is_playing(service, "programme-001", CENTER_CHANNEL, on_air_s + 1, 6)
                await is_playing(service, f"call-{call}-001", GUEST_CHANNEL, 1, 7)
                assert (await console.command("off_air", call=call))["type"] == "ack"
                await viewer.sees("main", CENTER)
                await grown(service, "programme-001", 2)
                assert (await console.command("end_call", call=call))["type"] == "ack"
                await console.call_state(call, "ended")
            await until("the call's file is ready", lambda: parts(service)[f"call-{call}-001"]["state"] == "ready", 30)
            assert (await console.command("stop_recording"))["type"] == "ack"
            await until("the programme's file is ready", lambda: parts(service)["programme-001"]["state"] == "ready", 30)

        said = parts(service)["programme-001"]
        programme = Recorded(file_of(service, "programme-001"))
        assert [stretch["feed"] for stretch in said["shown"]] == ["center", f"point:{POINT}", "center"]
        assert programme.chapters == [stretch["name"] for stretch in said["shown"]]
        assert programme.duration_s == pytest.approx(said["length_ms"] / 1000, abs=0.01)
        first, guest, last = said["shown"]
        for stretch, colour in ((first, CENTER), (guest, GUEST), (last, CENTER)):
            begins_s, ends_s = stretch["from_ms"] / 1000, stretch["to_ms"] / 1000
            seen = [(at_s, each) for at_s, each in programme.pictures if begins_s <= at_s < ends_s and min(each) < 150]
            assert seen
            others = [(at_s, each) for at_s, each in seen if not is_near(each, colour, 40)]
            assert not others, f"from {begins_s} to {ends_s} only {colour} is to be seen"
        begins_s, ends_s = guest["from_ms"] / 1000 + 1, guest["to_ms"] / 1000  # the first flash may be cut by the beginning
        taken_s = first["to_ms"] / 1000
        assert_together(offsets(programme.flashes(2, taken_s), programme.beeps(CENTER_CHANNEL, 2, taken_s)), 3)
        assert_together(offsets(programme.flashes(begins_s, ends_s), programme.beeps(GUEST_CHANNEL, begins_s, ends_s)), 3)
        assert len(programme.beeps(CENTER_CHANNEL, begins_s, ends_s)) >= 3, "two who speak are both heard"

        conversation = Recorded(file_of(service, f"call-{call}-001"))
        assert_together(offsets(conversation.flashes(1), conversation.beeps(GUEST_CHANNEL, 1)), 4)

        command = ["ffprobe", "-v", "warning", "-show_streams", "-of", "json", str(file_of(service, "programme-001"))]
        probed = await asyncio.to_thread(lambda: subprocess.run(command, capture_output=True, check=True))
        assert not probed.stderr, probed.stderr.decode()
        assert [stream["codec_name"] for stream in json.loads(probed.stdout)["streams"]] == ["vp8", "opus"]


async def test_whatever_is_killed_the_files_play_and_recording_goes_on(tmp_path: Path) -> None:
    with start_service(tmp_path / "service") as service:
        async with (
            WsConsole(service, "center") as console,
            FlashingPublisher(service, service.token("center"), CENTER, CENTER_HZ) as publisher,
        ):
            await until("the center is live", lambda: publisher.connection.connectionState == "connected")
            assert (await console.command("start_recording"))["type"] == "ack"
            await is_playing(service, "programme-001", CENTER_CHANNEL, 1, 2)
            await asyncio.to_thread(service.kill, "recorder")
            await is_playing(service, "programme-002", CENTER_CHANNEL, 1, 2)
            assert parts(service)["programme-001"]["recovered"]
            signaling = service.kill("signaling")
            length_ms = parts(service)["programme-002"]["length_ms"]
            await until("signaling runs again", lambda: service.is_replaced("signaling", signaling), 30)
            await until("it is ready again", service.is_ready, 40)
            await written(service, "programme-002", length_ms / 1000 + 1)
        node = service.kill("node")
        await until("the node runs again", lambda: service.is_replaced("node", node), 30)
        await until("it is ready again", service.is_ready, 40)
        async with (
            WsConsole(service, "center") as console,
            FlashingPublisher(service, service.token("center"), GUEST, GUEST_HZ),
        ):
            at_ms = parts(service)["programme-002"]["length_ms"]

            async def goes_on() -> bool:
                """Where it was, or in a part of its own."""
                parts_s = {"programme-002": at_ms / 1000, "programme-003": 1}
                return any([await asyncio.to_thread(plays, service, name, CENTER_CHANNEL, at, 2) for name, at in parts_s.items()])

            await until("it is recorded again", goes_on, 60, every_s=1)
            assert (await console.command("stop_recording"))["type"] == "ack"
            await until("all is ready", lambda: all(said["state"] == "ready" for said in parts(service).values()), 30)
        for name, said in parts(service).items():
            part = Recorded(file_of(service, name))
            assert part.duration_s * 1000 == pytest.approx(said["length_ms"], abs=20)
            assert part.pictures
            assert part.flashes(1)
            assert part.beeps(CENTER_CHANNEL, 1)
