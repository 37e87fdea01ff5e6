"""Real browsers take the answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sfu.wire import extensions as ext
from tests.data.browsers import Evaluate, chromium, firefox
from tests.sfu.test_negotiation import publisher, viewer

pytestmark = pytest.mark.browser

VIEWER = """(async () => {
    globalThis.pc = new RTCPeerConnection();
    for (const kind of ["video", "video", "video", "audio", "audio", "audio"]) pc.addTransceiver(kind, {direction: "recvonly"});
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
})()"""

PUBLISHER = """(async () => {
    globalThis.pc = new RTCPeerConnection();
    const sendEncodings = [{rid: "h"}, {rid: "m", scaleResolutionDownBy: 2}, {rid: "l", scaleResolutionDownBy: 4}];
    pc.addTransceiver("video", {direction: "sendonly", sendEncodings});
    pc.addTransceiver("audio", {direction: "sendonly"});
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
})()"""

ACCEPT = """(async () => {
    const tracks = [];
    pc.ontrack = event => tracks.push([event.transceiver.mid, event.track.id, event.streams.map(stream => stream.id).join()]);
    await pc.setRemoteDescription({type: "answer", sdp: %s});
    return JSON.stringify({
        state: pc.signalingState,
        directions: pc.getTransceivers().map(one => one.currentDirection),
        rids: pc.getTransceivers().map(one => (one.sender.getParameters().encodings || []).map(each => each.rid).join()),
        codecs: pc.getTransceivers().map(one => (one.sender.getParameters().codecs || []).map(codec => codec.mimeType)),
        tracks,
    });
})()"""


@pytest.fixture(params=["chromium", "firefox"])
async def evaluate(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Evaluate]:
    async with chromium() if request.param == "chromium" else firefox(tmp_path) as one:
        yield one


async def test_a_viewer_takes_the_answer(evaluate: Evaluate) -> None:
    answer = viewer(await evaluate(VIEWER))
    result = json.loads(await evaluate(ACCEPT % json.dumps(answer.sdp)))
    assert result["state"] == "stable"
    assert result["directions"] == ["recvonly", "recvonly", "inactive", "recvonly", "recvonly", "recvonly"]
    tracks = {mid: (track, stream) for mid, track, stream in result["tracks"]}
    slots = {line.mid: (f"{line.slot}-{line.kind}", "programme") for line in answer.lines if line.slot}
    assert tracks.keys() == slots.keys()
    assert {stream for _, stream in tracks.values()} == {"programme"}


async def test_a_publisher_takes_the_answer(evaluate: Evaluate) -> None:
    answer = publisher(await evaluate(PUBLISHER), audio_ptime_ms=60)
    assert answer.lines[0].rids == ("h", "m", "l")
    assert {ext.MID_URI, ext.RID_URI, ext.ABS_SEND_TIME_URI} <= set(answer.lines[0].extension_ids)
    result = json.loads(await evaluate(ACCEPT % json.dumps(answer.sdp)))
    assert result["state"] == "stable"
    assert result["directions"] == ["sendonly", "sendonly"]
    assert result["rids"][0] == "h,m,l"
    if any(result["codecs"]):  # Firefox names none before it sends
        assert [codec for codec in result["codecs"][0] if "rtx" not in codec] == ["video/VP8"]
        assert result["codecs"][1] == ["audio/opus"]
