"""Writes the SDP offers of tests/data/sdp again, from the Chromium, the Firefox and the aiortc that are installed here.

Run as ``python -m tests.data.capture_offers``; SOURCES.md says what each file is. Nothing leaves the machine: the browsers
gather host candidates only, and no offer is sent anywhere.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from aiortc import MediaStreamTrack, RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

from tests.data.browsers import chromium, firefox

FOLDER = Path(__file__).parent / "sdp"

CHROMIUM_OFFERS = {
    "chromium-viewer-point.sdp": """async () => {
        const pc = new RTCPeerConnection();
        for (const kind of ["video", "video", "video", "audio", "audio", "audio"])
            pc.addTransceiver(kind, {direction: "recvonly"});
        return await finish(pc);
    }""",
    "chromium-viewer-center.sdp": """async () => {
        const pc = new RTCPeerConnection();
        for (let i = 0; i < 6; i++) pc.addTransceiver("video", {direction: "recvonly"});
        for (let i = 0; i < 7; i++) pc.addTransceiver("audio", {direction: "recvonly"});
        return await finish(pc);
    }""",
    "chromium-viewer-extensions.sdp": """async () => {
        const pc = new RTCPeerConnection();
        for (const kind of ["video", "audio"]) {
            const line = pc.addTransceiver(kind, {direction: "recvonly"});
            const wanted = line.getHeaderExtensionsToNegotiate();
            for (const one of wanted) if (one.uri.endsWith("abs-capture-time")) one.direction = "sendrecv";
            line.setHeaderExtensionsToNegotiate(wanted);
        }
        return await finish(pc);
    }""",
    "chromium-publisher-simulcast.sdp": """async () => {
        const pc = new RTCPeerConnection();
        const stream = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 1280, height: 720}});
        pc.addTransceiver(stream.getVideoTracks()[0], {direction: "sendonly", streams: [stream], sendEncodings: [
            {rid: "h"}, {rid: "m", scaleResolutionDownBy: 2}, {rid: "l", scaleResolutionDownBy: 4}]});
        pc.addTransceiver(stream.getAudioTracks()[0], {direction: "sendonly", streams: [stream]});
        return await finish(pc);
    }""",
    "chromium-publisher-single.sdp": """async () => {
        const pc = new RTCPeerConnection();
        const stream = await navigator.mediaDevices.getUserMedia({audio: true, video: true});
        for (const track of stream.getTracks()) pc.addTransceiver(track, {direction: "sendonly", streams: [stream]});
        return await finish(pc);
    }""",
    "chromium-datachannel.sdp": """async () => {
        const pc = new RTCPeerConnection();
        pc.createDataChannel("chat");
        pc.addTransceiver("video", {direction: "recvonly"});
        return await finish(pc);
    }""",
}

FIREFOX_OFFERS = {
    "firefox-viewer.sdp": """async () => {
        const pc = new RTCPeerConnection();
        for (const kind of ["video", "video", "audio", "audio"]) pc.addTransceiver(kind, {direction: "recvonly"});
        return await finish(pc);
    }""",
    "firefox-publisher-simulcast.sdp": """async () => {
        const pc = new RTCPeerConnection();
        const sendEncodings = [{rid: "h"}, {rid: "m", scaleResolutionDownBy: 2}, {rid: "l", scaleResolutionDownBy: 4}];
        pc.addTransceiver("video", {direction: "sendonly", sendEncodings});
        pc.addTransceiver("audio", {direction: "sendonly"});
        return await finish(pc);
    }""",
}

FINISH = """async pc => {
    await pc.setLocalDescription();
    if (pc.iceGatheringState !== "complete") await new Promise(done => {
        pc.onicegatheringstatechange = () => { if (pc.iceGatheringState === "complete") done(); };
    });
    const sdp = pc.localDescription.sdp;
    pc.close();
    return sdp;
}"""


async def capture_chromium() -> None:
    async with chromium() as evaluate:
        for name, script in CHROMIUM_OFFERS.items():
            save(name, await evaluate(expression(script)))
        print(await evaluate("navigator.userAgent"))


async def capture_firefox() -> None:
    with tempfile.TemporaryDirectory() as profile:
        async with firefox(Path(profile)) as evaluate:
            for name, script in FIREFOX_OFFERS.items():
                save(name, await evaluate(expression(script)))
            print(await evaluate("navigator.userAgent"))


def expression(script: str) -> str:
    return f"(() => {{ const finish = {FINISH}; return ({script})(); }})()"


async def capture_aiortc() -> None:
    viewer = RTCPeerConnection()
    for kind in ("video", "video", "audio", "audio"):
        viewer.addTransceiver(kind, direction="recvonly")
    publisher = RTCPeerConnection()
    tracks: tuple[MediaStreamTrack, ...] = (VideoStreamTrack(), AudioStreamTrack())
    for track in tracks:
        publisher.addTransceiver(track, direction="sendonly")
    for name, connection in (("aiortc-viewer.sdp", viewer), ("aiortc-publisher.sdp", publisher)):
        await connection.setLocalDescription(await connection.createOffer())
        save(name, connection.localDescription.sdp)
        await connection.close()


def save(name: str, sdp: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / name).write_bytes(sdp.encode())
    print(name, len(sdp), "bytes")


if __name__ == "__main__":
    asyncio.run(capture_aiortc())
    asyncio.run(capture_chromium())
    asyncio.run(capture_firefox())
