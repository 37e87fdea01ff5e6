"""Debian's simple-whip-client (GStreamer) as the center: a foreign WHIP client is as good as the page."""

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.service import Service
from tests.harness.wait import until
from tests.harness.webrtc import TestViewer

pytestmark = pytest.mark.service

BLUE = (20, 40, 220)
TONE_HZ = 660

# What rtpvp8pay and rtpopuspay say of themselves is what webrtcbin offers.
VIDEO = (
    "videotestsrc is-live=true pattern=solid-color foreground-color=0xff{:02x}{:02x}{:02x} ! "
    "video/x-raw,width=640,height=360,framerate=15/1 ! videoconvert ! queue ! "
    "vp8enc deadline=1 keyframe-max-dist=3000 target-bitrate=600000 ! rtpvp8pay pt=96 ssrc=2 ! queue ! "
    "application/x-rtp,media=video,encoding-name=VP8,payload=96"
).format(*BLUE)
AUDIO = (
    f"audiotestsrc is-live=true wave=sine freq={TONE_HZ} volume=0.3 ! audioconvert ! audioresample ! queue ! opusenc ! "
    "rtpopuspay pt=111 ssrc=1 ! queue ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111"
)


NO_UPNP = """
void *gupnp_simple_igd_thread_new(void) { return 0; }
unsigned long gupnp_simple_igd_get_type(void) { return 80; }
unsigned long gupnp_simple_igd_thread_get_type(void) { return 80; }
void gupnp_simple_igd_add_port(void) {}
void gupnp_simple_igd_remove_port(void) {}
void gupnp_simple_igd_remove_port_local(void) {}
"""


def without_upnp(folder: Path) -> dict[str, str]:
    """The environment in which Debian 12's whip-client starts at all.

    The program links libsoup 2, and libnice pulls in libsoup 3 through its UPnP library, which ends the process as soon
    as it finds the other one. UPnP is not used here: the loader is given a library without any in place of that one.
    """
    source = folder / "no-upnp.c"
    source.write_text(NO_UPNP)
    library = folder / "libgupnp-igd-1.0.so.4"
    subprocess.run(["cc", "-shared", "-nostdlib", "-o", str(library), str(source)], check=True)
    return os.environ | {"LD_LIBRARY_PATH": str(folder)}


@contextlib.asynccontextmanager
async def whip_client(service: Service, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    program = shutil.which("whip-client")
    assert program is not None, "simple-whip-client is not installed: run tools/bootstrap.sh test"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(program, "-u", f"{service.base_url}/whip/{service.session}", "-t", service.token("center")),
            *("-V", VIDEO, "-A", AUDIO, "-l", "7", "-o"),
            env=await asyncio.to_thread(without_upnp, log.parent),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 5)
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_its_picture_and_sound_arrive(service: Service, tmp_path: Path) -> None:
    log = tmp_path / "whip-client.log"
    async with TestViewer(service, service.token("viewer")) as viewer:
        try:
            async with whip_client(service, log):
                await viewer.sees("main", BLUE, within_s=25)
                await viewer.hears("center", TONE_HZ)
                frames = viewer.frames("main")
                await until("its picture goes on", lambda: viewer.frames("main") >= frames + 30)
        except AssertionError:
            print(await asyncio.to_thread(log.read_text, errors="replace"))
            raise
