"""WHIP and WHEP from the outside: a publisher and a viewer over aiortc, each one POST and one DELETE."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from urllib.parse import urljoin

import aiohttp
import aioice.ice
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from demo.light import LightReceiver, light_receivers

HTTP_TIMEOUT = aiohttp.ClientTimeout(total=10)

# What a point and a viewer receive, in the order of PROTOCOL.md: programme and inset; center and two guests.
VIDEO_LINES = 2
AUDIO_LINES = 3


class JoinError(Exception):
    """The service did not take the offer. `status` is its HTTP status; 0: no answer at all."""

    def __init__(self, status: int, reason: str, retry_after_s: float = 1.0) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.retry_after_s = retry_after_s


class Peer:
    """One peer connection that was offered over HTTP. Open it once; close it always."""

    def __init__(self, http: aiohttp.ClientSession, endpoint: str, token: str, on_lost: Callable[[], None]) -> None:
        self._http = http
        self._endpoint = endpoint
        self._headers = {"Authorization": f"Bearer {token}"}
        self._on_lost = on_lost
        self._resource: str | None = None
        self._is_closed = False
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.connection.add_listener("connectionstatechange", self._state_changed)

    async def open(self) -> None:
        """Sends the offer, takes the answer.

        Raises:
            JoinError: refused, or nobody answered.
        """
        await self.connection.setLocalDescription(await self.connection.createOffer())
        headers = self._headers | {"Content-Type": "application/sdp"}
        offer = self.connection.localDescription.sdp
        try:
            async with self._http.post(self._endpoint, data=offer, headers=headers, timeout=HTTP_TIMEOUT) as response:
                answer = await response.text()
                if response.status != 201:
                    retry_after_s = float(response.headers.get("Retry-After", "1"))
                    raise JoinError(response.status, response.reason or "", retry_after_s)
                self._resource = urljoin(self._endpoint, response.headers["Location"])
        except (aiohttp.ClientError, TimeoutError) as error:
            raise JoinError(0, str(error)) from error
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def close(self) -> None:
        """Ends the resource at the service, as far as it answers, and the connection."""
        self._is_closed = True
        if self._resource is not None:
            resource, self._resource = self._resource, None
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self._http.delete(resource, headers=self._headers, timeout=HTTP_TIMEOUT):
                    pass
        await self.connection.close()

    def _state_changed(self) -> None:
        if not self._is_closed and self.connection.connectionState in {"failed", "closed"}:
            self._is_closed = True
            self._on_lost()


class Viewer(Peer):
    """Receives the programme over WHEP; its receivers are light (see `demo.light`)."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str, session: str, token: str, on_lost: Callable[[], None]) -> None:
        super().__init__(http, f"{base_url}/whep/{session}", token, on_lost)
        with light_receivers():
            for kind, count in (("video", VIDEO_LINES), ("audio", AUDIO_LINES)):
                for _ in range(count):
                    self.connection.addTransceiver(kind, direction="recvonly")

    @property
    def receivers(self) -> list[LightReceiver]:
        """Its receivers in the order of its lines: the first is the programme's picture."""
        receivers = (transceiver.receiver for transceiver in self.connection.getTransceivers())
        return [receiver for receiver in receivers if isinstance(receiver, LightReceiver)]


class Publisher(Peer):
    """Sends one picture and one sound over WHIP. Without tracks it connects and sends nothing until `start`."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str, session: str, token: str, on_lost: Callable[[], None]) -> None:
        super().__init__(http, f"{base_url}/whip/{session}", token, on_lost)
        self._video = self.connection.addTransceiver("video", direction="sendonly").sender
        self._audio = self.connection.addTransceiver("audio", direction="sendonly").sender

    def start(self, camera: MediaStreamTrack, microphone: MediaStreamTrack) -> None:
        """Sends from now on, or from the moment that it is connected; closing stops both tracks."""
        self._video.replaceTrack(camera)
        self._audio.replaceTrack(microphone)


def use_loopback_only() -> None:
    """Makes every peer connection of this process use 127.0.0.1 alone.

    aioice leaves loopback out of its candidates, and a machine may have no other address.
    """
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]  # noqa: ARG005
