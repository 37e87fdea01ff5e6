"""Sessions over REST, and what points and consoles hear of them."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.rollcall import Presence
from signaling import session_book
from signaling.media import FeedFlowing
from signaling.memory_store import MemoryStore
from tests.signaling.test_hub import ring
from tests.signaling.world import FAR_WARD, OTHER_WARD, REPORT, WARD, Client, World, eventually, token_hello


def all_of(world: World, role: str = "center", *scope: str) -> dict[str, str]:
    return world.bearer(role, session="*", scope=scope or ("VN",))


async def post(world: World, path: str, body: Any = None, *scope: str, role: str = "center") -> tuple[int, dict[str, Any]]:
    extra = {} if body is None else {"json": body}
    response = await world.client.post(path, headers=all_of(world, role, *scope), **extra)
    return response.status, await response.json()


async def meeting(world: World, *units: str, scope: str = "VN", **more: Any) -> dict[str, Any]:
    status, view = await post(world, "/api/sessions", {"title": "Họp", "units": list(units), **more}, scope)
    assert status == 201, view
    return view


async def console_in(world: World, session: str, *scope: str, role: str = "center") -> Client:
    client = await world.connect()
    await client.say(token_hello(world.token(role, session="*", scope=scope or ("VN",)), session))
    client.welcome = await client.hear("welcome")
    client.frame = await client.hear("frame")
    return client


def attended(session: str, reason: str) -> Any:
    return lambda message: (message["session"]["id"], message["reason"]) == (session, reason)


async def test_the_standing_line_is_there_from_the_start(world: World) -> None:
    response = await world.client.get("/api/sessions", headers=all_of(world))
    (main,) = (await response.json())["sessions"]
    assert main == {
        "id": "main",
        "title": "Phiên họp",
        "kind": "standing",
        "state": "open",
        "units": ["VN"],
        "center": "VN",
        "center_name": "Việt Nam",
        "level": 0,
        "points": 6,
        "live": 0,
        "by": "system",
        "opened_at": world.service.owners["main"].bridge.session.opened_at,
        "opened_by": "system",
        "closed_at": None,
        "closed_by": None,
        "recording": "manual",
        "recording_since": None,
    }
    status, problem = await post(world, "/api/sessions/main/close")
    assert (status, problem["code"]) == (409, "standing_line")


async def test_a_meeting_is_made_opened_attended_and_closed(world: World) -> None:
    desk, far = await world.desk(), await world.desk(FAR_WARD)
    first = await desk.hear("attending")
    assert first["kind"] == "standing"
    assert (first["session"], first["reason"], first["level"]) == ({"id": "main", "title": "Phiên họp"}, "standing", 0)
    view = await meeting(world, "79", scope="79")
    assert (view["id"], view["center"], view["level"], view["state"]) == ("s261119.1", "79", 1, "open") or view["id"].endswith(
        ".1"
    )
    told = await desk.hear("attending", attended(view["id"], "meeting"))
    assert (told["center"], told["session"]["title"], told["kind"]) == ("Thành phố Hồ Chí Minh", "Họp", "meeting")
    assert told["stage"]["session_state"] == "open"
    status, closed = await post(world, f"/api/sessions/{view['id']}/close", None, "79")
    assert (status, closed["state"], closed["closed_by"]) == (200, "closed", "center")
    await desk.hear("attending", attended("main", "standing"))
    await world.service.hub.tick()
    await far.hear("tick")
    assert [m["session"]["id"] for m in far.heard if m["type"] == "attending"] == ["main"], "Long An heard nothing of it"


async def test_a_prepared_meeting_waits_for_its_opening(world: World) -> None:
    desk = await world.desk()
    view = await meeting(world, "79", open=False, id="hop-giao-ban")
    assert (view["id"], view["state"]) == ("hop-giao-ban", "prepared")
    status, opened = await post(world, "/api/sessions/hop-giao-ban/open")
    assert (status, opened["state"], opened["title"]) == (200, "open", "Họp")
    await desk.hear("attending", attended("hop-giao-ban", "meeting"))
    assert (await post(world, "/api/sessions/hop-giao-ban/open"))[1]["code"] == "session_state"
    status, problem = await post(world, "/api/sessions", {"title": "x", "units": ["79"], "id": "hop-giao-ban"})
    assert (status, problem["code"]) == (409, "session_exists")


async def test_a_name_whose_session_never_came_to_be_is_free(world: World) -> None:
    """The process that took the name ended before it had written what the session is."""
    assert await MemoryStore(world.server).add_session("hop-giao-ban")
    assert (await post(world, "/api/sessions/hop-giao-ban/open"))[0] == 404, "there is nothing to open"
    listed = await (await world.client.get("/api/sessions", headers=all_of(world))).json()
    assert [each["id"] for each in listed["sessions"]] == ["main"]
    view = await meeting(world, "79", id="hop-giao-ban")
    assert (view["id"], view["state"], view["units"]) == ("hop-giao-ban", "open", ["79"])
    status, problem = await post(world, "/api/sessions", {"title": "x", "units": ["79"], "id": "hop-giao-ban"})
    assert (status, problem["code"]) == (409, "session_exists")


async def test_who_comes_later_attends_it_from_the_welcome_on(world: World) -> None:
    view = await meeting(world, "79")
    desk = await world.desk()
    assert desk.welcome["session"]["id"] == "main"
    await desk.hear("attending", attended(view["id"], "meeting"))
    console = await console_in(world, view["id"])
    assert console.frame["count"] == 6
    await eventually(lambda: world.service.owners[view["id"]].bridge.is_live(WARD))


async def test_a_call_from_a_meeting_rings_the_one_connection_and_everything_goes_back_there(world: World) -> None:
    desk = await world.desk()
    view = await meeting(world, "79")
    await desk.hear("attending", attended(view["id"], "meeting"))
    console = await console_in(world, view["id"])
    call = await ring(world, console, desk)
    assert call == f"{view['id']}-c1"
    await desk.hear("attending", attended(view["id"], "call"))
    await desk.say({"type": "decline", "call": call, "report": REPORT})
    assert (await console.hear_call("failed"))["cause"] == "declined"
    await desk.hear("attending", attended(view["id"], "meeting"))
    await desk.say({"type": "ask_floor", "subject": "ô-xy"})
    asked = await desk.hear("floor")
    assert (asked["session"], asked["request"]["id"]) == (view["id"], f"{view['id']}-f1")
    await desk.say({"type": "withdraw_floor"})
    assert await desk.hear("floor") == {"type": "floor", "session": view["id"], "request": None}
    assert world.service.owners["main"].bridge.state.floor.asked == 0


async def test_two_roll_calls_of_two_sessions_reach_the_same_page(world: World) -> None:
    desk = await world.desk()
    view = await meeting(world, "79")
    national, city = await world.console(), await console_in(world, view["id"])
    await national.command(1, kind="start_roll_call", seconds=60)
    await city.command(1, kind="start_roll_call", seconds=60, units=["773"])
    asked = {(await desk.hear("roll_call"))["roll_call"]["id"], (await desk.hear("roll_call"))["roll_call"]["id"]}
    assert asked == {"r1", f"{view['id']}-r1"}
    await desk.say({"type": "present", "roll_call": f"{view['id']}-r1", "name": "Lan", "report": REPORT})
    board = await city.hear("roll_call_board", lambda m: m["roll_call"]["total"]["present"] == 1)
    assert board["roll_call"]["id"] == f"{view['id']}-r1"
    assert world.service.owners["main"].bridge.roll_calls["r1"].presence(WARD) is Presence.WAITING


async def test_the_stage_that_a_point_hears_is_of_what_it_attends(world: World) -> None:
    desk, far = await world.desk(), await world.desk(FAR_WARD)
    view = await meeting(world, "79")
    await desk.hear("attending", attended(view["id"], "meeting"))
    world.node.tell(FeedFlowing("main", "center", "video", "p"))
    await far.hear("stage", lambda m: m["stage"]["center_live"])
    world.node.tell(FeedFlowing(view["id"], "center", "video", "q"))
    await desk.hear("stage", lambda m: m["stage"]["center_live"])
    stages = [m for m in desk.heard if m["type"] == "stage" and m["stage"]["center_live"]]
    assert len(stages) == 1


async def test_a_national_call_takes_a_point_out_of_a_lower_call_and_gives_it_back(world: World) -> None:
    desk = await world.desk()
    view = await meeting(world, "79", scope="79")
    await desk.hear("attending", attended(view["id"], "meeting"))
    city, nation = await console_in(world, view["id"], "79"), await world.console()
    lower = await ring(world, city, desk)
    ack = await nation.command(1, kind="place_call", point=WARD)
    assert (await city.hear_call("failed"))["cause"] == "engaged_above"
    await city.hear("changes", lambda m: [2, 10] in m["changes"])
    await desk.hear("call", lambda m: (m["call"]["id"], m["call"]["cause"]) == (lower, "engaged_above"))
    again = await city.command(5, kind="place_call", point=WARD)
    assert world.service.owners[view["id"]].bridge.calls[again["call"]].cause == "engaged_above"
    await nation.command(2, kind="cancel_call", call=ack["call"])
    await desk.hear("attending", attended(view["id"], "meeting"))
    await city.hear("changes", lambda m: any(index == 2 and state != 10 for index, state in m["changes"]))
    heard = [(m["session"]["id"], m["reason"]) for m in desk.heard if m["type"] == "attending"]
    assert heard[-2:] == [("main", "call"), (view["id"], "meeting")]


async def test_orders_over_rest_are_those_of_a_console(world: World) -> None:
    desk = await world.desk()
    status, done = await post(world, "/api/sessions/main/orders", {"kind": "place_call", "point": WARD})
    assert (status, done["call"], done["roll_call"], done["made"]) == (200, "c1", None, None)
    assert (await desk.hear("ring"))["call"]["by"] == "center"
    status, problem = await post(world, "/api/sessions/main/orders", {"kind": "take", "call": "c1"})
    assert (status, problem["code"]) == (409, "wrong_state")
    assert (await post(world, "/api/sessions/main/orders", {"kind": "fly"}))[0] == 400
    status, problem = await post(world, "/api/sessions/main/orders", {"kind": "place_call", "point": WARD}, "80")
    assert (status, problem["code"]) == (403, "forbidden")


async def test_every_level_in_its_own_subtree_and_a_clear_refusal_beside_it(world: World) -> None:
    view = await meeting(world, "79", scope="79")
    for body, scope, wanted in (
        ({"title": "x", "units": ["80"]}, "79", "forbidden"),
        ({"title": "x", "units": ["79", "80"]}, "79", "forbidden"),
        ({"title": "x", "units": ["79"], "center": "VN"}, "79", "forbidden"),
        ({"title": "x", "units": ["nowhere"]}, "79", "unknown_unit"),
        ({"title": "x", "units": ["79", "80"], "center": "79"}, "VN", "bad_session"),
        ({"title": "x", "units": ["79"], "id": "has blank"}, "79", "bad_identifier"),
        ({"title": "", "units": ["79"]}, "79", "bad_message"),
    ):
        status, problem = await post(world, "/api/sessions", body, scope)
        assert problem["code"] == wanted, problem
        assert status >= 400
        assert problem["message"]["vi"] != problem["message"]["en"]
    assert world.server.sessions == {"main", view["id"]}, "nothing was made"
    for action in ("open", "close"):
        assert (await post(world, f"/api/sessions/{view['id']}/{action}", None, "773"))[0] == 403
        assert (await post(world, f"/api/sessions/{view['id']}/{action}", None, "80"))[0] == 403
    assert (await post(world, "/api/sessions", {"title": "x", "units": ["79"]}, "79", role="operator"))[0] == 403
    bound = await world.client.post("/api/sessions", json={"title": "x", "units": ["79"]}, headers=world.bearer("center"))
    assert bound.status == 403
    assert (await post(world, "/api/sessions/nowhere/close"))[1]["code"] == "unknown_session"
    assert (await post(world, "/api/sessions", {"title": "x", "units": ["79", "80"]}, "79", "80"))[1][
        "code"
    ] == "no_common_center"


async def test_a_list_shows_only_what_meets_the_scope(world: World) -> None:
    city, far = await meeting(world, "773"), await meeting(world, "80")
    for scope, wanted in (
        ("VN", {"main", city["id"], far["id"]}),
        ("79", {"main", city["id"]}),
        (OTHER_WARD, {"main", city["id"]}),
    ):
        response = await world.client.get("/api/sessions", headers=all_of(world, "observer", scope))
        assert {view["id"] for view in (await response.json())["sessions"]} == wanted
    response = await world.client.get(f"/api/sessions/{far['id']}", headers=all_of(world, "operator", "79"))
    assert response.status == 403
    assert (await world.client.get("/api/sessions", headers=world.bearer("viewer"))).status == 403


async def test_a_center_has_one_line_of_its_own(world: World) -> None:
    body = {"title": "Đường riêng Quận 4", "kind": "line", "units": ["773"]}
    status, line = await post(world, "/api/sessions", body, "773")
    assert (status, line["id"], line["kind"], line["level"]) == (201, "line-773", "line", 2)
    assert (await post(world, "/api/sessions", body, "773")) == (200, line | {"live": 0})
    assert (await post(world, "/api/sessions/line-773/close", None, "773"))[0] == 200
    assert (await post(world, "/api/sessions", body, "773"))[1]["id"] == "line-773.1"
    desk = await world.desk()
    await desk.hear("attending", attended("main", "standing"))


async def test_consoles_connect_where_their_scope_has_a_part_and_observers_order_nothing(world: World) -> None:
    view = await meeting(world, "79")
    stranger = await world.connect()
    await stranger.say(token_hello(world.token("center", session="*", scope=("80",)), view["id"]))
    assert await stranger.hear_close() == 4403
    await world.desk()
    observer = await console_in(world, view["id"], "773", role="observer")
    assert observer.welcome["role"] == "observer"
    refused = await observer.command(1, kind="place_call", point=WARD)
    assert refused["error"]["code"] == "forbidden"
    center = await console_in(world, view["id"])
    await center.command(1, kind="place_call", point=OTHER_WARD)
    assert (await observer.hear("call"))["call"]["point"] == OTHER_WARD


async def test_there_is_a_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_book, "MAX_OPEN_SESSIONS", 2)
    view = await meeting(world, "79")
    status, problem = await post(world, "/api/sessions", {"title": "x", "units": ["79"]})
    assert (status, problem["code"]) == (409, "too_many_sessions")
    await post(world, f"/api/sessions/{view['id']}/close")
    await meeting(world, "79")


async def test_the_records_of_a_session_that_was_put_away(world: World) -> None:
    headers = world.bearer("center", session="*")
    body = {"title": "Giao ban", "units": ["79"], "open": True}
    made = await (await world.client.post("/api/sessions", json=body, headers=headers)).json()
    session = made["id"]
    assert (await world.client.post(f"/api/sessions/{session}/close", headers=headers)).status == 200
    del world.service.owners[session]
    world.service.hub.remove_session(session)
    path = f"/api/sessions/{session}/calls"
    assert (await world.client.get(path)).status == 401
    assert session not in world.service.hub.rooms
    answer = await world.client.get(path, headers=headers)
    assert answer.status == 200
    assert (await answer.json())["session"] == session
    assert (await world.client.get("/api/sessions/s9/calls", headers=headers)).status == 404
