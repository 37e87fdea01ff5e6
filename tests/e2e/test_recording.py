"""A recording of a real session: what was shown and said is in it, together and at its time, whatever process died meanwhile."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.harness.browser import Browsers
from tests.harness.desks import WsConsole, WsPoint
from tests.harness.flashes import EVERY_S, FLASH_S, FlashingPublisher, Recorded, offsets
from tests.harness.service import Service, start_service
from tests.harness.wait import until
from tests.harness.webrtc import TestViewer, is_near

pytestmark = pytest.mark.service

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
            await written(service, "programme-001", 6)
            call = await console.place_call(POINT)
            await point.ring()
            async with FlashingPublisher(service, point.token, GUEST, GUEST_HZ):
                await point.say("answer", call)
                await console.call_state(call, "preview")
                assert (await console.command("take", call=call))["type"] == "ack"
                await viewer.sees("main", GUEST)
                await written(service, f"call-{call}-001", 8)
                assert (await console.command("off_air", call=call))["type"] == "ack"
                await viewer.sees("main", CENTER)
                assert (await console.command("end_call", call=call))["type"] == "ack"
                await console.call_state(call, "ended")
            await until("the call's file is ready", lambda: parts(service)[f"call-{call}-001"]["state"] == "ready")
            assert (await console.command("stop_recording"))["type"] == "ack"
            await until("the programme's file is ready", lambda: parts(service)["programme-001"]["state"] == "ready")

        said = parts(service)["programme-001"]
        programme = Recorded(file_of(service, "programme-001"))
        assert [stretch["feed"] for stretch in said["shown"]] == ["center", f"point:{POINT}", "center"]
        assert programme.chapters == [stretch["name"] for stretch in said["shown"]]
        assert programme.duration_s == pytest.approx(said["length_ms"] / 1000, abs=0.01)
        first, guest, last = said["shown"]
        for stretch, colour in ((first, CENTER), (guest, GUEST), (last, CENTER)):
            begins_s, ends_s = stretch["from_ms"] / 1000, stretch["to_ms"] / 1000
            seen = [each for at_s, each in programme.pictures if begins_s <= at_s < ends_s and min(each) < 150]
            assert seen
            assert all(is_near(each, colour, 40) for each in seen)
        begins_s, ends_s = guest["from_ms"] / 1000, guest["to_ms"] / 1000
        together = offsets(programme.flashes(2, begins_s), programme.beeps(CENTER_CHANNEL, 2, begins_s))
        assert len(together) >= 3
        assert max(map(abs, together)) <= TOGETHER_S, together
        together = offsets(programme.flashes(begins_s, ends_s), programme.beeps(GUEST_CHANNEL, begins_s, ends_s))
        assert len(together) >= 3
        assert max(map(abs, together)) <= TOGETHER_S, together
        assert len(programme.beeps(CENTER_CHANNEL, begins_s, ends_s)) >= 3, "two who speak are both heard"

        conversation = Recorded(file_of(service, f"call-{call}-001"))
        together = offsets(conversation.flashes(1), conversation.beeps(GUEST_CHANNEL, 1))
        assert len(together) >= 4
        assert max(map(abs, together)) <= TOGETHER_S, together

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
            await written(service, "programme-001", 4)
            await asyncio.to_thread(service.kill, "recorder")
            await written(service, "programme-002", 4)
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

            def goes_on() -> bool:
                last = list(parts(service).values())[-1]
                return bool(
                    last["length_ms"] >= (at_ms + 2_000 if last["state"] != "ready" and len(parts(service)) == 2 else 2_000)
                )

            await until("it is recorded again", goes_on, 40)
            assert (await console.command("stop_recording"))["type"] == "ack"
            await until("all is ready", lambda: all(said["state"] == "ready" for said in parts(service).values()), 20)
        for name, said in parts(service).items():
            part = Recorded(file_of(service, name))
            assert part.duration_s * 1000 == pytest.approx(said["length_ms"], abs=20)
            assert part.pictures
            together = offsets(part.flashes(1), part.beeps(CENTER_CHANNEL, 1))
            assert together
            assert max(map(abs, together)) <= TOGETHER_S, (name, together)


@pytest.mark.browser
async def test_it_plays_and_is_sought_in_chromium(tmp_path: Path, browsers: Browsers) -> None:
    with start_service(tmp_path / "service") as service:
        async with (
            WsConsole(service, "center") as console,
            FlashingPublisher(service, service.token("center"), CENTER, CENTER_HZ),
        ):
            assert (await console.command("start_recording"))["type"] == "ack"
            await written(service, "programme-001", 14)
            assert (await console.command("stop_recording"))["type"] == "ack"
            await until("the file is ready", lambda: parts(service)["programme-001"]["state"] == "ready")
            folder = service.data_dir / "recordings" / "main"
            await until("what happened stands beside it", (folder / "programme-001.index.json").exists, 20)
        screen = await browsers.open("recordings", CENTER, CENTER_HZ)
        await screen.goto(f"{service.base_url}/recordings#token={service.token('center')}")
        page = screen.page
        await page.click(".part[data-part=programme-001]")
        await page.wait_for_selector("#player[src]")
        await page.wait_for_function("document.getElementById('player').readyState >= 2")
        played = await page.evaluate(PLAY)
        assert played["duration"] == pytest.approx(parts(service)["programme-001"]["length_ms"] / 1000, abs=0.1)
        assert played["seeked"] == pytest.approx(9.0, abs=0.05), "it is seekable"
        assert len(played["offsets"]) >= 2, played
        assert all(abs(offset) <= TOGETHER_S for offset in played["offsets"]), played["offsets"]
        await page.click(".timeline-row[data-what=recording_started]")
        await page.wait_for_function("document.getElementById('player').currentTime < 4")
        await screen.assert_quiet()


PLAY = f"""async () => {{
    const video = document.getElementById("player");
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    const source = context.createMediaElementSource(video);
    source.connect(analyser);
    source.connect(context.destination);
    const duration = video.duration;
    video.currentTime = 9;
    await new Promise((done) => (video.onseeked = done));
    const seeked = video.currentTime;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 8;
    const pen = canvas.getContext("2d", {{ willReadFrequently: true }});
    const samples = new Float32Array(analyser.fftSize);
    const flashes = [], beeps = [];
    let white = true, loud = 0;
    await video.play();
    const until = performance.now() + 3500;
    while (performance.now() < until) {{
        await new Promise((done) => setTimeout(done, 5));
        pen.drawImage(video, 0, 0, 8, 8);
        const isWhite = Math.min(...pen.getImageData(4, 3, 1, 1).data.slice(0, 3)) > 200;
        if (isWhite && !white) flashes.push(performance.now());
        white = isWhite;
        analyser.getFloatTimeDomainData(samples);
        // only the newest 256 samples: 5 ms
        const isLoud = Math.max(...samples.slice(-256).map(Math.abs)) > 0.03;
        if (isLoud && performance.now() - loud > {round((EVERY_S - FLASH_S) * 500)}) beeps.push(performance.now());
        if (isLoud) loud = performance.now();
    }}
    video.pause();
    const nearest = (at) => Math.min(...beeps.map((beep) => Math.abs(beep - at))) / 1000;
    const offsets = flashes.map(nearest).filter((each) => each < 0.5);
    return {{ duration, seeked, offsets, flashes, beeps }};
}}"""
