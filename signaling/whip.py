"""The media doors: WHIP (RFC 9725) to send and WHEP (draft-ietf-wish-whep) to receive.

Theory of operation. Nothing is made for a request before its bearer was checked and both buckets gave a token, and the
body is read only then; nor while as many joins are under way as the node answers in a fraction of a second, or it said that
it is full. The answer is 503 then, each with a later time to come back. Tokens are stateless, so WHEP goes on while the
store is away. Which slots and which feed a bearer gets follows from its role alone (but that a console may send its
voice for single points, ``?feed=talk``); what feeds a slot is the forwarding plan's affair, and the plan of which session a
point gets is that of what it attends, whatever session the URL names. Of the
SDP this process reads nothing but the ICE ufrag; the media node parses it.

Left out, deliberately: 307 redirection (one node), ``Link`` headers for STUN and TURN (the server is ICE-lite on a
public address), WHEP's server-sent events and layers extensions, and 409 before something is published: slots are there,
silent, until something feeds them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, cast

from aiohttp import web

from bridge.ids import CENTER_FEED, is_talk_feed, talk_feed
from bridge.policy import presides
from config.limits import MAX_JOINS_UNDER_WAY, MAX_SDP_BYTES
from signaling.admission import Addresses, Admission
from signaling.attendance import Attending
from signaling.auth import Identity
from signaling.bearer import Bearers
from signaling.coverage import overlaps
from signaling.errors import MEDIA_RETRY_S, ServiceError
from signaling.media import MediaRefused, MediaUnavailable
from signaling.orders import account_of
from signaling.point_media import PointMedia
from signaling.resources import FragmentError, Kind, Resources, candidates_of, parse_fragment, restart_fragment, ufrag_of
from signaling.room import Room
from signaling.turnstile import Turnstile

SDP: Final = "application/sdp"
FRAGMENT: Final = "application/trickle-ice-sdpfrag"
TALK: Final = "talk"
"""``POST /whip/{session}?feed=talk``: a console's voice for single points."""
BODY_TIMEOUT_S: Final = 10.0
JOINS_PER_TURN: Final = 32
"""Joins taken on in one turn of the loop, some 40 ms of 1.2 ms each. Who leads does not queue."""
CROWDED_S: Final = 0.25
"""Half of :data:`MAX_JOINS_UNDER_WAY` are answered by then."""
FULL_S: Final = 1.0
"""So long a node that is full is asked for no more peers."""

CORS: Final[Mapping[str, str]] = {
    # Any origin may ask: the only credential is the bearer, which no browser adds by itself (Fetch §3.2, no credentials mode).
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location, ETag, Accept-Post, Retry-After, Link",
}
_PREFLIGHT: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Methods": "OPTIONS, POST, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Max-Age": "86400",
}

MONITORS: Final = ("monitor1", "monitor2", "monitor3", "monitor4")
_WATCHER_SLOTS: Final = (("main", "inset"), ("center", "guest1", "guest2"))
_CONSOLE_SLOTS: Final = (("main", "inset", *MONITORS), ("center", "guest1", "guest2", *MONITORS))


class Media(Protocol):
    """What the doors need of :class:`signaling.media.MediaNode`."""

    async def join_viewer(
        self, *, session: str, peer: str, owner: str | None, video: Sequence[str], audio: Sequence[str], offer: str
    ) -> str:
        """Make a viewer; the answer's SDP."""
        ...

    async def join_publisher(self, *, session: str, peer: str, feed: str, offer: str) -> str:
        """Make a publisher; the answer's SDP."""
        ...

    async def restart(self, peer: str, ufrag: str, pwd: str) -> tuple[str, str]:
        """ICE restart; the node's new credentials."""
        ...

    async def move(self, peer: str, session: str) -> None:
        """Let a viewer follow another session's plan."""
        ...

    async def leave(self, peer: str) -> None:
        """End a peer."""
        ...


class MediaDoors:
    """``/whip/{session}``, ``/whep/{session}`` and their resources. ``joins`` counts what was let in, by kind."""

    def __init__(
        self,
        *,
        media: Media,
        point_media: PointMedia,
        resources: Resources,
        bearers: Bearers,
        admission: Admission,
        addresses: Addresses,
        room: Callable[[str], Room],
        attending: Callable[[str], Attending],
    ) -> None:
        self._attending = attending
        self._media = media
        self._point_media = point_media
        self._resources = resources
        self._bearers = bearers
        self._admission = admission
        self._addresses = addresses
        self._room = room
        self._candidates: tuple[str, ...] = ()
        self._turnstile = Turnstile(JOINS_PER_TURN)
        self._under_way = 0
        self.joins: dict[Kind, int] = {"whip": 0, "whep": 0}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Register the endpoints and their resources."""
        for kind in ("whip", "whep"):
            endpoint, resource = f"/{kind}/{{session}}", f"/{kind}/{{session}}/{{peer}}"
            router.add_route("OPTIONS", endpoint, self.options)
            router.add_post(endpoint, self.join)
            router.add_route("OPTIONS", resource, self.options)
            router.add_patch(resource, self.patch)
            router.add_delete(resource, self.leave)

    async def options(self, request: web.Request) -> web.Response:
        """The CORS preflight, and what the endpoint takes (RFC 9725 §4.1); tells nothing that needs a token."""
        headers = {**CORS, **_PREFLIGHT}
        if "peer" in request.match_info:
            headers["Accept-Patch"] = FRAGMENT
        else:
            headers["Accept-Post"] = SDP
        return web.Response(status=200, headers=headers)

    async def join(self, request: web.Request) -> web.Response:
        """Let a publisher or viewer in (RFC 9725 §4.2): 201, ``Location``, ``ETag`` and the answer."""
        kind, session = _place(request)
        address = self._addresses.of(request.remote, request.headers.get("X-Forwarded-For"))
        identity = self._bearers.check(request, address, session)
        feed = _feed_of(kind, identity, request.query.get("feed"))
        place = self._may_join(kind, session, identity, feed)
        if request.content_type != SDP:
            raise ServiceError("unsupported_media_type")
        if (request.content_length or 0) > MAX_SDP_BYTES:
            raise ServiceError("too_large")
        self._admission.knock(address)
        if self._under_way >= MAX_JOINS_UNDER_WAY:
            self._admission.close_for(CROWDED_S)
        leads = identity.is_console or kind == "whip"
        self._admission.enter(leads=leads)
        self._under_way += 1
        try:
            if not leads:
                await self._turnstile.enter()
            offer = await _read_offer(request)
            if feed is not None and is_talk_feed(feed):
                _require_one_voice(offer)
            peer = self._resources.new_peer(kind, session, identity.subject)
            answer = await self._negotiate(kind, place, peer, identity, feed, offer)
        finally:
            self._under_way -= 1
        self._point_media.joined(peer, identity, place if kind == "whep" else None)
        if identity.point is not None:  # what it attends may be another session since
            self._point_media.attend(identity.point, self._attending(identity.point).session)
        try:
            self._bearers.check_again(identity)
        except ServiceError:
            self._point_media.end(peer)
            raise
        self.joins[kind] += 1
        if not self._candidates or f"\n{self._candidates[0]}\r\n" not in answer:  # they are the node's, the same for all
            self._candidates = candidates_of(answer) or self._candidates
        headers = {**CORS, "Location": f"/{kind}/{session}/{peer}", "ETag": self._resources.remember(peer, ufrag_of(offer))}
        return web.Response(status=201, body=answer.encode(), content_type=SDP, headers=headers)

    def _may_join(self, kind: Kind, session: str, identity: Identity, feed: str | None) -> str:
        """The session at the node; raises ``forbidden`` for those who may not send there now.

        A point has one door, whatever calls it: it gets the programme of the session that it attends, and sends to the one that
        calls it.
        """
        room = self._room(session)
        point = identity.point
        if point is not None:
            attending = self._attending(point)
            if kind == "whip" and attending.reason != "call":
                raise ServiceError(
                    "forbidden",
                    message_vi="Điểm cầu chỉ gửi hình và tiếng khi đang được gọi.",
                    message_en="A point sends picture and voice only while it is called.",
                )
            return attending.session
        if kind == "whip" and feed is None:
            raise ServiceError("forbidden")
        if kind == "whip" and feed == CENTER_FEED and not presides(account_of(identity), room.bridge):
            raise ServiceError(
                "forbidden",
                message_vi="Phiên họp này do cấp khác chủ trì: tài khoản này không phát hình trung tâm ở đây được.",
                message_en="Another level presides this session: this account does not send the center's picture here.",
            )
        if identity.may_observe and not overlaps(room.bridge, identity.scope):
            raise ServiceError("forbidden")
        return session

    async def _negotiate(self, kind: Kind, session: str, peer: str, identity: Identity, feed: str | None, offer: str) -> str:
        try:
            return await self._ask_node(kind, session, peer, identity, feed, offer)
        except MediaRefused as error:
            if error.code != "busy":
                raise
            self._admission.close_for(FULL_S)
            raise self._not_now(FULL_S) from error
        except MediaUnavailable as error:
            raise self._not_now(MEDIA_RETRY_S) from error

    def _not_now(self, least_s: float) -> ServiceError:
        """The node takes nobody now; who hears of it comes back one after the other."""
        return ServiceError("media_unavailable", retry_after_s=round(self._admission.return_s(least_s), 3))

    async def _ask_node(self, kind: Kind, session: str, peer: str, identity: Identity, feed: str | None, offer: str) -> str:
        if kind == "whip" and feed is not None:
            return await self._media.join_publisher(session=session, peer=peer, feed=feed, offer=offer)
        video, audio = _CONSOLE_SLOTS if identity.is_console else _WATCHER_SLOTS
        return await self._media.join_viewer(session=session, peer=peer, owner=feed, video=video, audio=audio, offer=offer)

    async def patch(self, request: web.Request) -> web.Response:
        """Trickle ICE: 204, or an ICE restart: 200 and a new ``ETag`` (RFC 9725 §4.3)."""
        peer = self._owned(request)
        if_match = request.headers.get("If-Match")
        if if_match is None:
            raise ServiceError("precondition_required")
        if request.content_type != FRAGMENT:
            raise ServiceError("unsupported_media_type")
        if not self._resources.matches(peer, if_match):
            raise ServiceError("stale")
        try:
            fragment = parse_fragment(await _read_body(request))
        except FragmentError:
            raise ServiceError("unprocessable") from None
        if fragment.ufrag is None or fragment.pwd is None or not self._resources.is_restart(peer, if_match, fragment):
            return web.Response(status=204, headers=CORS)
        ufrag, pwd = await self._media.restart(peer, fragment.ufrag, fragment.pwd)
        headers = {**CORS, "ETag": self._resources.remember(peer, fragment.ufrag)}
        text = restart_fragment(fragment, ufrag, pwd, self._candidates)
        return web.Response(status=200, body=text.encode(), content_type=FRAGMENT, headers=headers)

    async def leave(self, request: web.Request) -> web.Response:
        """End it: 200 (RFC 9725 §4.2), also when it has ended already."""
        peer = self._owned(request)
        await self._media.leave(peer)
        self._resources.forget(peer)
        self._point_media.forget(peer)
        return web.Response(status=200, headers=CORS)

    def _owned(self, request: web.Request) -> str:
        kind, session = _place(request)
        address = self._addresses.of(request.remote, request.headers.get("X-Forwarded-For"))
        identity = self._bearers.check(request, address, session)
        peer = request.match_info["peer"]
        if not self._resources.is_owner(peer, kind, session, identity.subject):
            raise ServiceError("not_found")
        return peer


def _place(request: web.Request) -> tuple[Kind, str]:
    return cast("Kind", request.path.split("/", 2)[1]), request.match_info["session"]


def _feed_of(kind: Kind, identity: Identity, asked: str | None) -> str | None:
    """The feed that a publisher sends, or that a viewer's owner does; None for those who send none.

    A console that asks for ``talk`` sends its voice for single points.
    """
    if asked is None or kind == "whep":
        return identity.feed
    if asked != TALK:
        raise ServiceError("bad_message")
    if not identity.is_console:
        raise ServiceError("forbidden")
    return talk_feed(identity.subject)


def _require_one_voice(offer: str) -> None:
    if [line.split(" ")[0] for line in offer.splitlines() if line.startswith("m=")] != ["m=audio"]:
        raise ServiceError(
            "bad_offer",
            message_vi="Nói riêng chỉ có tiếng: hãy gửi đúng một luồng âm thanh.",
            message_en="Talkback is a voice and nothing else: offer one audio line.",
        )


async def _read_body(request: web.Request) -> bytes:
    """At most 64 KiB (the application's ``client_max_size``), within ``BODY_TIMEOUT_S``."""
    if request.content.is_eof():  # it came with the headers
        return await request.read()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await request.read()
    except TimeoutError:
        raise ServiceError("bad_message") from None


async def _read_offer(request: web.Request) -> str:
    try:
        offer = (await _read_body(request)).decode("utf-8")
    except UnicodeDecodeError:
        raise ServiceError("bad_offer") from None
    if not offer.startswith("v=0"):
        raise ServiceError("bad_offer")
    return offer
