"""Runs on the service's host: service, an aiortc viewer, and Debian's whip-client on the other host as the center.

`python -m tests.e2e.whip_scenario --client-namespace NAME --folder DIR` exits with 0 when its picture and sound arrived.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

from tests.harness.netns import SERVICE_IP
from tests.harness.service import Service, start_service
from tests.harness.wait import until
from tests.harness.webrtc import TestViewer

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
async def whip_client(service: Service, namespace: str, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The client as a process on the host `namespace`; its libnice never talks to loopback."""
    program = shutil.which("whip-client")
    assert program is not None, "simple-whip-client is not installed: run tools/bootstrap.sh test"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(
                "ip",
                "netns",
                "exec",
                namespace,
                program,
                "-u",
                f"{service.base_url}/whip/{service.session}",
                "-t",
                service.token("center"),
            ),
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


async def watch(service: Service, namespace: str, log: Path) -> None:
    """Waits for the client's picture and sound."""
    async with TestViewer(service, service.token("viewer")) as viewer:
        try:
            async with whip_client(service, namespace, log):
                await viewer.sees("main", BLUE, within_s=25)
                await viewer.hears("center", TONE_HZ)
                frames = viewer.frames("main")
                await until("its picture goes on", lambda: viewer.frames("main") >= frames + 30)
        except AssertionError:
            print(await asyncio.to_thread(log.read_text, errors="replace"))
            raise


def main() -> None:
    """The entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--client-namespace", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    with start_service(arguments.folder / "service", host=SERVICE_IP) as service:
        asyncio.run(watch(service, arguments.client_namespace, arguments.folder / "whip-client.log"))


if __name__ == "__main__":
    main()
