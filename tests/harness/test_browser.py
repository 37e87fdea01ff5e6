"""The harness itself: what a fake camera and microphone say is what the probe sees and hears, and no camera is no camera."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.harness.browser import Browsers, is_among
from tests.harness.wait import until

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><title>loop</title><link rel="icon" href="data:,">
<video id="picture" muted autoplay playsinline></video><audio id="sound" autoplay></audio>
<script type="module">
const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
const here = new RTCPeerConnection(), there = new RTCPeerConnection();
here.onicecandidate = ({ candidate }) => there.addIceCandidate(candidate);
there.onicecandidate = ({ candidate }) => here.addIceCandidate(candidate);
there.ontrack = ({ track }) => {
  document.querySelector(track.kind === "video" ? "#picture" : "#sound").srcObject = new MediaStream([track]);
};
for (const track of stream.getTracks()) here.addTrack(track, stream);
await here.setLocalDescription();
await there.setRemoteDescription(here.localDescription);
await there.setLocalDescription();
await here.setRemoteDescription(there.localDescription);
window.stop = () => stream.getTracks().forEach((track) => track.stop());
</script>"""


@pytest.fixture
async def page_url() -> AsyncIterator[str]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


async def test_the_probe_sees_hears_and_counts(browsers: Browsers, page_url: str) -> None:
    screen = await browsers.open("loop", (30, 150, 60), 800)
    await screen.goto(page_url)
    await screen.sees("#picture", (30, 150, 60))
    await screen.page.mouse.click(5, 5)
    await screen.hears(800)
    assert not is_among(1300, await screen.tones())
    connections = await screen.connections()
    assert [c["negotiations"] for c in connections] == [1, 1]
    assert sorted(await screen.live_devices()) == ["audio", "video"]
    assert (await screen.received())["framesDecoded"] > 0
    await screen.evaluate("() => { document.querySelector('#sound').muted = true }")
    assert await screen.tones() == []
    await screen.evaluate("() => { window.stop() }")
    assert await screen.live_devices() == []
    assert screen.navigations == 1
    await screen.assert_quiet()


async def test_errors_of_the_page_are_noticed(browsers: Browsers, page_url: str) -> None:
    screen = await browsers.open("loud", (30, 150, 60), 800)
    await screen.goto(page_url)
    await screen.evaluate("() => { setTimeout(() => { throw new Error('broken') }) }")
    await until("the exception is known", lambda: any("broken" in line for line in screen.console))
    with pytest.raises(AssertionError, match="broken"):
        await screen.assert_quiet()
