"""A point's page between the standing line and a meeting: one connection, two centers, no negotiation in between."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from config.keys import load_keys
from config.model import Settings
from signaling.media import MediaEvent, MediaNode, MediaPeer, NodeUp
from tests.harness.desks import WsPoint
from tests.harness.service import Service, start_service
from tests.harness.wait import until
from tests.harness.webrtc import TestPublisher, TestViewer

pytestmark = pytest.mark.service

LINE, MEETING = (200, 40, 40), (40, 60, 200)
LINE_HZ, MEETING_HZ = 500, 1300
POINT = "26740"


@pytest.fixture
def two_sessions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Service]]:
    """One service, seen as the standing line and as a meeting beside it."""
    with start_service(tmp_path_factory.mktemp("service")) as service:
        yield service, dataclasses.replace(service, session="other")


@contextlib.asynccontextmanager
async def control(service: Service, heard: list[MediaEvent]) -> AsyncIterator[MediaNode]:
    """A second control connection to the node, as another signaling process would have it."""
    settings = Settings(data_dir=service.data_dir)
    node = MediaNode(settings.control_address, settings.control_secret(load_keys(service.data_dir)))
    node.listen(heard.append)
    await node.start()
    try:
        await until("the node greets", lambda: node.ready)
        yield node
    finally:
        await node.close()


async def ask(service: Service, path: str, **body: object) -> None:
    """Post to the sessions, as a national center."""
    headers = {"Authorization": f"Bearer {service.token('center', session='*')}"}
    async with aiohttp.ClientSession(service.base_url, headers=headers) as http:
        answer = await http.post(f"/api/sessions{path}", json=body or None)
        assert answer.status in {200, 201}, await answer.text()


async def test_a_point_goes_from_the_standing_line_to_a_meeting_and_back(two_sessions: tuple[Service, Service]) -> None:
    line, meeting = two_sessions
    heard: list[MediaEvent] = []
    await ask(line, "", id="other", title="Giao ban", units=["79"], open=False)
    async with (
        WsPoint(line, POINT) as point,
        TestPublisher(line, line.token("center"), LINE, LINE_HZ),
        TestPublisher(meeting, meeting.token("center"), MEETING, MEETING_HZ),
        TestViewer(line, point.token) as page,
        TestViewer(line, line.token("viewer")) as other,
        control(line, heard) as node,
    ):
        await page.sees("main", LINE)
        await page.hears("center", LINE_HZ)
        await other.sees("main", LINE)
        peer = page.resource.rsplit("/", 1)[1]
        greeting = heard[0]
        assert isinstance(greeting, NodeUp)
        assert MediaPeer(peer, "main", "viewer", None, f"point:{POINT}") in greeting.peers
        before = await node.stats()
        agreed = page.connection.remoteDescription.sdp
        frames = page.frames("main")

        await ask(line, "/other/open")
        await page.sees("main", MEETING)
        await page.hears("center", MEETING_HZ)
        assert page.frames("main") > frames
        await other.sees("main", LINE)
        await other.hears("center", LINE_HZ)

        again: list[MediaEvent] = []
        async with control(line, again):
            assert isinstance(again[0], NodeUp)
            assert MediaPeer(peer, "other", "viewer", None, f"point:{POINT}") in again[0].peers

        await ask(line, "/other/close")
        await page.sees("main", LINE)
        await page.hears("center", LINE_HZ)
        after = await node.stats()
        assert (after["joins"], after["connected"], after["moved"]) == (before["joins"], before["connected"], 2)
        assert page.connection.remoteDescription.sdp == agreed
        assert page.connection.connectionState == "connected"
        assert not after.get("faults", 0)
        assert await page.close() == 200, "the resource is the one it joined by"
