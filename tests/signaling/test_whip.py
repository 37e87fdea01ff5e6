"""WHIP and WHEP over HTTP against a fake node: status codes and headers of RFC 9725, rights, overload."""

from __future__ import annotations

import asyncio
import io
import math
from typing import Any

import aiohttp
import pytest

from config.limits import MAX_SDP_BYTES
from signaling.media import FeedFlowing, MediaRefused, PeerGone
from tests.harness.wait import until
from tests.signaling.conftest import MakeWorld
from tests.signaling.test_hub import ring
from tests.signaling.test_resources import PWD, TRICKLE
from tests.signaling.world import ANSWER, NOW_S, OFFER, OTHER_WARD, WARD, World

SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}


async def post(world: World, path: str, headers: dict[str, str], body: str | bytes = OFFER) -> aiohttp.ClientResponse:
    return await world.client.post(path, data=body, headers={**SDP, **headers})


async def joined(world: World, path: str = "/whep/main", role: str = "viewer") -> aiohttp.ClientResponse:
    response = await post(world, path, world.bearer(role))
    assert response.status == 201, await response.text()
    return response


async def test_a_viewer_joins(world: World) -> None:
    response = await joined(world)
    assert response.headers["Content-Type"] == "application/sdp"
    assert await response.text() == ANSWER
    assert response.headers["ETag"] == '"ice-1"'
    (join,) = world.node.joined
    assert response.headers["Location"] == f"/whep/main/{join['peer']}"
    assert join["video"] == ("main", "inset")
    assert join["audio"] == ("center", "guest1", "guest2")
    assert join["owner"] is None
    assert world.service.doors.joins == {"whip": 0, "whep": 1}


@pytest.mark.parametrize(("role", "owner"), [("center", "center"), ("operator", None)])
async def test_a_console_s_viewer_has_monitors(world: World, role: str, owner: str | None) -> None:
    await joined(world, role=role)
    (join,) = world.node.joined
    assert join["video"] == ("main", "inset", "monitor1", "monitor2", "monitor3", "monitor4")
    assert join["audio"] == ("center", "guest1", "guest2", "monitor1", "monitor2", "monitor3", "monitor4")
    assert join["owner"] == owner


async def test_a_point_views_with_its_own_token_and_never_sees_itself(world: World) -> None:
    desk = await world.desk()
    response = await post(world, "/whep/main", {"Authorization": f"Bearer {desk.welcome['token']}"})
    assert response.status == 201
    assert world.node.joined[0]["owner"] == f"point:{WARD}"


async def test_the_center_publishes(world: World) -> None:
    await joined(world, "/whip/main", "center")
    assert world.node.joined[0]["feed"] == "center"


@pytest.mark.parametrize("role", ["operator", "viewer"])
async def test_operators_and_viewers_do_not_publish(world: World, role: str) -> None:
    response = await post(world, "/whip/main", world.bearer(role))
    assert response.status == 403
    assert (await response.json())["code"] == "forbidden"
    assert world.node.joined == []


VOICE = OFFER + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"


@pytest.mark.parametrize(("role", "subject"), [("operator", "operator:lan"), ("center", "center:minh")])
async def test_a_console_sends_its_voice_for_single_points(world: World, role: str, subject: str) -> None:
    response = await post(world, "/whip/main?feed=talk", world.bearer(role, subject=subject), VOICE)
    assert response.status == 201
    (join,) = world.node.joined
    assert join["feed"] == f"talk:{subject}"
    location = response.headers["Location"]
    assert location == f"/whip/main/{join['peer']}"
    assert (await world.client.delete(location, headers=world.bearer(role, subject=subject))).status == 200


@pytest.mark.parametrize("lines", ["", "m=video 9 x 1\r\n", "m=audio 9 x 1\r\nm=video 9 x 1\r\n", "m=audio 9 x 1\r\n" * 2])
async def test_a_voice_is_one_audio_line(world: World, lines: str) -> None:
    response = await post(world, "/whip/main?feed=talk", world.bearer("operator"), OFFER + lines)
    assert (response.status, (await response.json())["code"]) == (400, "bad_offer")
    assert world.node.joined == []


async def test_nobody_else_has_a_voice_for_single_points(world: World) -> None:
    for role in ("viewer", "observer"):
        assert (await post(world, "/whip/main?feed=talk", world.bearer(role), VOICE)).status == 403
    center, desk = await world.console(), await world.desk()
    await ring(world, center, desk)
    bearer = {"Authorization": f"Bearer {desk.welcome['token']}"}
    assert (await post(world, "/whip/main?feed=talk", bearer, VOICE)).status == 403
    assert (await post(world, "/whip/main?feed=center", world.bearer("operator"), VOICE)).status == 400
    assert world.node.joined == []


async def test_a_point_publishes_only_while_it_is_called(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    bearer = {"Authorization": f"Bearer {desk.welcome['token']}"}
    assert (await post(world, "/whip/main", bearer)).status == 403
    call = await ring(world, center, desk)
    assert (await post(world, "/whip/main", bearer)).status == 201
    assert world.node.joined[0]["feed"] == f"point:{WARD}"
    other = await world.desk(OTHER_WARD)
    assert (await post(world, "/whip/main", {"Authorization": f"Bearer {other.welcome['token']}"})).status == 403
    await center.command(2, kind="cancel_call", call=call)
    assert (await post(world, "/whip/main", bearer)).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer x.y.z"},
        {"Authorization": "Basic Y2VudGVyOng="},
    ],
)
@pytest.mark.parametrize("path", ["/whip/main", "/whep/main"])
async def test_without_a_good_bearer(world: World, path: str, headers: dict[str, str]) -> None:
    response = await post(world, path, headers)
    assert response.status == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.content_type == "application/problem+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert world.node.joined == []


async def test_a_token_in_the_query_is_no_bearer(world: World) -> None:
    assert (await post(world, f"/whep/main?token={world.token('viewer')}", {})).status == 401


async def test_an_expired_token(world: World) -> None:
    response = await post(world, "/whep/main", world.bearer("viewer", now=NOW_S - 100, lifetime_s=50))
    assert response.status == 401


async def test_a_token_of_another_session_and_a_session_that_is_not(world: World) -> None:
    assert (await post(world, "/whep/main", world.bearer("viewer", session="other"))).status == 403
    assert (await post(world, "/whep/other", world.bearer("viewer", session="other"))).status == 404
    assert (await post(world, "/whep/a%2Fb", world.bearer("viewer"))).status in {403, 404}


@pytest.mark.parametrize("path", ["/whip/main", "/whep/main", "/whep/main/anything"])
async def test_preflight_needs_no_token(world: World, path: str) -> None:
    headers = {"Origin": "https://studio.example", "Access-Control-Request-Method": "POST"}
    response = await world.client.options(path, headers=headers)
    assert response.status == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers
    allowed = {name.strip().lower() for name in response.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "content-type", "if-match"} <= allowed
    methods = {name.strip() for name in response.headers["Access-Control-Allow-Methods"].split(",")}
    assert {"POST", "PATCH", "DELETE"} <= methods


async def test_options_says_what_is_accepted(world: World) -> None:
    response = await world.client.options("/whip/main")
    assert response.headers["Accept-Post"] == "application/sdp"


async def test_exposed_headers(world: World) -> None:
    response = await joined(world)
    exposed = {name.strip() for name in response.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"Location", "ETag", "Retry-After"} <= exposed


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
async def test_other_methods_on_the_endpoint(world: World, method: str) -> None:
    response = await world.client.request(method, "/whip/main", headers=world.bearer("center"))
    assert response.status == 405
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", ""])
async def test_other_content_types(world: World, content_type: str) -> None:
    response = await post(world, "/whep/main", {**world.bearer("viewer"), "Content-Type": content_type})
    assert response.status == 415


@pytest.mark.parametrize("body", [b"", b"hello", b"\xff\xfe", b"{}"])
async def test_bodies_that_are_no_sdp(world: World, body: bytes) -> None:
    response = await post(world, "/whep/main", world.bearer("viewer"), body)
    assert response.status == 400
    assert (await response.json())["code"] == "bad_offer"


async def test_a_body_of_a_megabyte(world: World) -> None:
    body = io.BytesIO(b"v=0" + b"x" * 1024 * 1024)
    response = await world.client.post("/whep/main", data=body, headers={**SDP, **world.bearer("viewer")})
    assert response.status == 413
    assert world.node.joined == []


async def test_a_chunked_body_cannot_be_larger_either(world: World) -> None:
    async def chunks() -> Any:
        yield b"v=0"
        for _ in range(80):
            yield b"x" * 1024

    response = await world.client.post("/whep/main", data=chunks(), headers={**SDP, **world.bearer("viewer")})
    assert response.status == 413


async def test_the_largest_body_is_taken(world: World) -> None:
    body = OFFER + "a=x\r\n" * ((MAX_SDP_BYTES - len(OFFER)) // 5)
    assert (await post(world, "/whep/main", world.bearer("viewer"), body)).status == 201


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (MediaRefused("busy", "full"), 503, "media_unavailable"),
        (MediaRefused("bad_offer", "no codec"), 400, "bad_offer"),
        (None, 503, "media_unavailable"),
    ],
)
async def test_what_the_node_says(world: World, failure: Exception | None, status: int, code: str) -> None:
    world.node.fails = failure
    world.node.ready = failure is not None
    response = await post(world, "/whep/main", world.bearer("viewer"))
    assert response.status == status
    assert (await response.json())["code"] == code
    assert ("Retry-After" in response.headers) is (status == 503)


async def test_trickle(world: World) -> None:
    first = await post(world, "/whep/main", world.bearer("viewer"), OFFER.replace("abcd", "EsAw"))
    url = first.headers["Location"]
    headers = {**FRAGMENT, **world.bearer("viewer"), "If-Match": first.headers["ETag"]}
    response = await world.client.patch(url, data=TRICKLE, headers=headers)
    assert response.status == 204
    assert await response.read() == b""
    assert world.node.restarted == []


@pytest.mark.parametrize("if_match", ["*", None])
async def test_restart(world: World, if_match: str | None) -> None:
    first = await joined(world)
    url, tag = first.headers["Location"], first.headers["ETag"]
    headers = {**FRAGMENT, **world.bearer("viewer"), "If-Match": if_match or tag}
    response = await world.client.patch(url, data=TRICKLE, headers=headers)
    assert response.status == 200
    assert response.content_type == "application/trickle-ice-sdpfrag"
    assert response.headers["ETag"] != tag
    text = await response.text()
    assert "a=ice-ufrag:srvufrag" in text
    assert "a=candidate:1 1 udp" in text
    assert world.node.restarted == [(url.rpartition("/")[2], "EsAw", PWD)]
    stale = await world.client.patch(url, data=TRICKLE, headers={**headers, "If-Match": tag})
    assert stale.status == 412


async def test_patch_without_if_match(world: World) -> None:
    url = (await joined(world)).headers["Location"]
    response = await world.client.patch(url, data=TRICKLE, headers={**FRAGMENT, **world.bearer("viewer")})
    assert response.status == 428


async def test_patch_of_another_type_or_form(world: World) -> None:
    first = await joined(world)
    url, headers = first.headers["Location"], {**world.bearer("viewer"), "If-Match": first.headers["ETag"]}
    assert (await world.client.patch(url, data=TRICKLE, headers={**headers, **SDP})).status == 415
    assert (await world.client.patch(url, data="v=0\r\n", headers={**headers, **FRAGMENT})).status == 422
    assert (await world.client.patch(url, data="hello", headers={**headers, **FRAGMENT})).status == 422


async def test_delete(world: World) -> None:
    url = (await joined(world)).headers["Location"]
    peer = url.rpartition("/")[2]
    assert (await world.client.delete(url)).status == 401
    assert (await world.client.delete(url, headers=world.bearer("viewer", subject="somebody"))).status == 404
    assert (await world.client.delete(url.replace("whep", "whip"), headers=world.bearer("viewer"))).status == 404
    assert world.node.left == []
    for _ in range(2):
        assert (await world.client.delete(url, headers=world.bearer("viewer"))).status == 200
    assert world.node.left == [peer, peer]


async def test_locations_are_not_guessed(world: World) -> None:
    one, two = await joined(world), await joined(world)
    assert one.headers["Location"] != two.headers["Location"]
    guess = one.headers["Location"][:-1] + ("A" if one.headers["Location"][-1] != "A" else "B")
    assert (await world.client.delete(guess, headers=world.bearer("viewer"))).status == 404


async def test_a_peer_that_is_gone_is_forgotten(world: World) -> None:
    peer = (await joined(world)).headers["Location"].rpartition("/")[2]
    assert len(world.service.resources) == 1
    world.node.tell(PeerGone(peer, "main", "consent"))
    assert len(world.service.resources) == 0


async def test_a_flood_of_joins_gets_503_and_nothing_is_made_for_it(make_world: MakeWorld) -> None:
    now = [0.0]
    world = await make_world(clock=lambda: now[0], joins_burst=10, joins_per_s=5)
    responses = [await post(world, "/whep/main", world.bearer("viewer")) for _ in range(40)]
    statuses = [response.status for response in responses]
    assert statuses == [201] * 10 + [503] * 30
    waits_s = [(await response.json())["retry_after_s"] for response in responses[10:]]
    assert [int(response.headers["Retry-After"]) for response in responses[10:]] == [math.ceil(wait_s) for wait_s in waits_s]
    assert waits_s[-1] - waits_s[0] == pytest.approx(29 / 4.5, abs=0.5), "each has a place of its own in the row"
    assert (await responses[-1].json())["code"] == "too_many"
    assert len(world.node.joined) == 10
    assert len(world.service.resources) == 10
    now[0] += 1.0
    statuses = [(await post(world, "/whep/main", world.bearer("viewer"))).status for _ in range(6)]
    assert statuses == [201] * 5 + [503]


async def test_a_node_that_is_full_is_not_asked_again_at_once(make_world: MakeWorld) -> None:
    now = [0.0]
    world = await make_world(clock=lambda: now[0])
    world.node.fails = MediaRefused("busy", "full")
    first = await post(world, "/whep/main", world.bearer("viewer"))
    assert (await first.json())["code"] == "media_unavailable"
    world.node.fails = None
    more = [await post(world, "/whep/main", world.bearer("viewer")) for _ in range(3)]
    assert [(await response.json())["code"] for response in more] == ["too_many"] * 3
    assert all(int(response.headers["Retry-After"]) >= 1 for response in (first, *more))
    assert world.node.joined == []
    assert len(world.service.resources) == 0
    assert (await post(world, "/whep/main", world.bearer("center"))).status == 201, "who leads is not kept out by a guess"
    now[0] += 1.0
    assert (await post(world, "/whep/main", world.bearer("viewer"))).status == 201


async def test_joins_that_the_node_has_not_answered_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.whip.MAX_JOINS_UNDER_WAY", 2)
    answer, waiting = asyncio.Event(), 0

    async def join_viewer(**_: object) -> str:
        nonlocal waiting
        waiting += 1
        await answer.wait()
        return ANSWER

    monkeypatch.setattr(world.node, "join_viewer", join_viewer)
    joins = [asyncio.create_task(post(world, "/whep/main", world.bearer("viewer"))) for _ in range(2)]
    await until("both wait", lambda: waiting == 2)
    late = await post(world, "/whep/main", world.bearer("viewer"))
    assert late.status == 503
    assert (await late.json())["code"] == "too_many"
    assert waiting == 2
    leader = asyncio.create_task(post(world, "/whep/main", world.bearer("center")))
    await until("who leads is let in", lambda: waiting == 3)
    answer.set()
    assert [(await join).status for join in (*joins, leader)] == [201, 201, 201]


async def test_those_who_hear_that_the_node_is_away_do_not_come_back_together(world: World) -> None:
    world.node.ready = False
    waits_s = [(await (await post(world, "/whep/main", world.bearer("viewer"))).json())["retry_after_s"] for _ in range(20)]
    assert min(waits_s) >= 2.0
    assert len(set(waits_s)) > 15


async def test_a_flood_without_tokens_spends_nothing_of_the_others_and_is_told_to_wait(make_world: MakeWorld) -> None:
    world = await make_world(joins_burst=1, joins_per_s=0.001, bad_credentials_per_address_per_min=20)
    bad = {"Authorization": "Bearer x.y.z"}
    statuses = [(await post(world, "/whep/main", bad)).status for _ in range(20)]
    assert statuses == [401] * 20
    limited = await post(world, "/whep/main", bad)
    assert limited.status == 429
    assert int(limited.headers["Retry-After"]) >= 1
    assert (await post(world, "/whep/main", world.bearer("viewer"))).status == 201, "the neighbour behind the same address"


async def test_the_body_is_not_read_before_the_token_is_checked(world: World) -> None:
    began = asyncio.Event()

    async def endless() -> Any:
        began.set()
        yield b"v=0"
        await asyncio.Event().wait()

    task = asyncio.ensure_future(world.client.post("/whep/main", data=endless(), headers=SDP))
    async with asyncio.timeout(15):
        await began.wait()
        response = await task
    assert response.status == 401


async def test_viewers_join_while_the_store_is_away(world: World) -> None:
    desk = await world.desk()
    await world.server.set_down(is_down=True)
    response = await post(world, "/whep/main", {"Authorization": f"Bearer {desk.welcome['token']}"})
    assert response.status == 201
    world.node.tell(FeedFlowing("main", "center", "video", "p"))
    await world.server.set_down(is_down=False)
