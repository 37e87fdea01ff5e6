"""Writes the packets of tests/data/rtp again: what a real Chromium sends, after SRTP was removed.

Run as ``python -m tests.data.capture_packets``; SOURCES.md says what each file is. Chromium sends its fake camera and tone to
an aiortc peer of this process and receives that peer's test picture; everything stays on the machine. Each line of a file is
``rtp`` or ``rtcp`` and the packet in hex, in the order of arrival.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pylibsrtp
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaBlackhole
from aiortc.mediastreams import VideoStreamTrack
from playwright.async_api import async_playwright

from tests.data.browsers import CHROMIUM, CHROMIUM_ARGUMENTS

FOLDER = Path(__file__).parent / "rtp"

SECONDS = 4.0
KEPT_OF_EACH_STREAM = 12

OFFER = """async codec => {
    window.pc = new RTCPeerConnection();
    const stream = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 640, height: 360}});
    const video = pc.addTransceiver(stream.getVideoTracks()[0], {direction: "sendrecv", streams: [stream]});
    const every = RTCRtpSender.getCapabilities("video").codecs;
    video.setCodecPreferences(every.filter(one => one.mimeType === codec || one.mimeType === "video/rtx"));
    pc.addTransceiver(stream.getAudioTracks()[0], {direction: "sendonly", streams: [stream]});
    await pc.setLocalDescription();
    await new Promise(done => {
        pc.onicegatheringstatechange = () => { if (pc.iceGatheringState === "complete") done(); };
        if (pc.iceGatheringState === "complete") done();
    });
    return pc.localDescription.sdp;
}"""


class Recorder:
    """Stands in front of libsrtp and keeps what comes out of it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._counts: dict[int, int] = {}
        self._rtp, self._rtcp = pylibsrtp.Session.unprotect, pylibsrtp.Session.unprotect_rtcp

    def install(self) -> None:
        recorder = self

        def unprotect(session: pylibsrtp.Session, data: bytes) -> bytes:
            plain: bytes = recorder._rtp(session, data)
            ssrc = int.from_bytes(plain[8:12], "big")
            recorder._counts[ssrc] = recorder._counts.get(ssrc, 0) + 1
            if recorder._counts[ssrc] <= KEPT_OF_EACH_STREAM:
                recorder.lines.append(f"rtp {plain.hex()}")
            return plain

        def unprotect_rtcp(session: pylibsrtp.Session, data: bytes) -> bytes:
            plain: bytes = recorder._rtcp(session, data)
            recorder.lines.append(f"rtcp {plain.hex()}")
            return plain

        setattr(pylibsrtp.Session, "unprotect", unprotect)  # noqa: B010
        setattr(pylibsrtp.Session, "unprotect_rtcp", unprotect_rtcp)  # noqa: B010

    def remove(self) -> None:
        setattr(pylibsrtp.Session, "unprotect", self._rtp)  # noqa: B010
        setattr(pylibsrtp.Session, "unprotect_rtcp", self._rtcp)  # noqa: B010


async def capture(name: str, codec: str) -> None:
    recorder = Recorder()
    peer = RTCPeerConnection()
    sink = MediaBlackhole()
    peer.on("track", sink.addTrack)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        recorder.install()
        try:
            page = await browser.new_page()
            await page.goto("chrome://version")
            offer = await page.evaluate(OFFER, codec)
            await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            peer.addTrack(VideoStreamTrack())
            await peer.setLocalDescription(await peer.createAnswer())
            await sink.start()
            await page.evaluate("sdp => pc.setRemoteDescription({type: 'answer', sdp})", peer.localDescription.sdp)
            await asyncio.sleep(SECONDS)
            await page.evaluate("pc.close()")
            await asyncio.sleep(0.2)
        finally:
            recorder.remove()
            await peer.close()
            await browser.close()
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / name).write_text("\n".join(recorder.lines) + "\n")
    print(name, len(recorder.lines), "packets")


if __name__ == "__main__":
    asyncio.run(capture("chromium-vp8.hex", "video/VP8"))
    asyncio.run(capture("chromium-h264.hex", "video/H264"))
