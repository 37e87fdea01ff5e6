"""The hub over real sockets, the real domain and the in-memory store."""

from __future__ import annotations

import asyncio
from typing import Any

import jwt
import pytest

from signaling.media import FeedFlowing, FeedStopped, NodeDown, NodeUp
from signaling.return_times import JITTER_S, SHARE
from tests.signaling.conftest import MakeWorld
from tests.signaling.world import (
    FAR_WARD,
    KEYS,
    NOW_S,
    OTHER_WARD,
    REPORT,
    WARD,
    Client,
    World,
    eventually,
    point_hello,
    token_hello,
)


async def ring(world: World, center: Client, desk: Client, code: str = WARD) -> str:
    """Place a call and let the desk ring; the call's id."""
    ack = await center.command(1, kind="place_call", point=code)
    assert ack["type"] == "ack", ack
    heard = await desk.hear("ring")
    assert heard["call"]["id"] == ack["call"]
    await desk.say({"type": "ringing", "call": ack["call"], "report": REPORT})
    await center.hear_call("delivered")
    return str(ack["call"])


async def answer(world: World, center: Client, desk: Client, call: str, code: str = WARD) -> None:
    """Answer and let its picture flow."""
    await desk.say({"type": "answer", "call": call, "report": REPORT})
    await center.hear_call("answered")
    world.node.tell(FeedFlowing("main", f"point:{code}", "video", "peer"))
    await center.hear_call("preview")


async def test_point_is_welcomed_with_a_token_for_media(world: World) -> None:
    desk = await world.desk()
    assert desk.welcome["role"] == "point"
    assert desk.welcome["session"] == {"id": "main", "title": "Phiên họp"}
    assert desk.welcome["point"] == {
        "code": WARD,
        "name": "Phường 10",
        "path": ["Việt Nam", "Thành phố Hồ Chí Minh", "Quận 4", "Phường 10"],
    }
    assert desk.welcome["media"] == {"ready": True, "epoch": "e1"}
    assert desk.welcome["stage"] == {"session_state": "open", "center_live": False, "on_air": [], "recording": False}
    assert desk.welcome["call"] is None
    claims = jwt.decode(
        desk.welcome["token"], KEYS.token_key, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False}
    )
    assert claims["sub"] == f"point:{WARD}"
    assert claims["role"] == "point"
    assert desk.welcome["token_expires_at"] == claims["exp"] * 1000 == (NOW_S + 12 * 3600) * 1000


async def test_console_gets_frame_and_calls_then_changes(world: World) -> None:
    center = await world.console()
    assert center.frame["count"] == 6
    assert center.frame["states"] == "AAAA"
    assert center.calls["calls"] == []
    await world.desk()
    changes = await center.hear("changes")
    assert changes["changes"] == [[2, 1]]
    assert changes["version"] > center.frame["version"]


async def test_a_call_from_ring_to_on_air_and_end(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    call = await ring(world, center, desk)
    await answer(world, center, desk, call)
    ack = await center.command(2, kind="take", call=call)
    assert ack == {"type": "ack", "id": 2, "at": ack["at"], "call": call, "roll_call": None, "made": None}
    stage = (await desk.hear("stage", lambda message: bool(message["stage"]["on_air"])))["stage"]
    assert stage["on_air"] == [{"call": call, "point": WARD, "name": "Phường 10"}]
    assert (await center.command(3, kind="off_air", call=call))["type"] == "ack"
    assert (await center.command(4, kind="end_call", call=call))["type"] == "ack"
    ended = await desk.hear_call("ended")
    assert [entry["what"] for entry in ended["trail"]][:3] == ["placed", "ringing", "delivered"]
    assert ended["by"] == "center"


async def test_ring_goes_to_the_called_point_only(world: World) -> None:
    center, desk, other = await world.console(), await world.desk(), await world.desk(OTHER_WARD)
    call = await ring(world, center, desk)
    await center.command(2, kind="cancel_call", call=call)
    await desk.hear_call("failed")
    await world.service.hub.tick()
    await other.hear("tick")
    assert not [message for message in other.heard if message["type"] in {"ring", "call", "frame", "changes", "calls"}]


async def test_call_to_an_offline_point_fails_with_its_evidence(world: World) -> None:
    center = await world.console()
    ack = await center.command(1, kind="place_call", point=WARD)
    assert ack["type"] == "ack"
    failed = next(
        message["call"] for message in center.heard if message["type"] == "call" and message["call"]["state"] == "failed"
    )
    assert failed["cause"] == "offline"
    assert failed["evidence"]["point_live"] is False


async def test_point_that_comes_back_while_its_call_rings_is_rung_again(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    call = await ring(world, center, desk)
    await desk.ws.close()
    again = await world.desk()
    assert again.welcome["call"]["id"] == call
    assert (await again.hear("ring"))["call"]["id"] == call
    await again.say({"type": "answer", "call": call, "report": REPORT})
    answered = await center.hear_call("answered")
    assert "rung_again" in [entry["what"] for entry in answered["trail"]]


async def test_point_that_comes_back_in_a_running_call_is_told_to_resume(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    call = await ring(world, center, desk)
    await answer(world, center, desk, call)
    await desk.ws.close()
    again = await world.desk()
    assert again.welcome["call"]["id"] == call
    assert again.welcome["call"]["state"] == "preview"
    await world.service.hub.tick()
    await again.hear("tick")
    assert "ring" not in [message["type"] for message in again.heard]


async def test_newest_connection_wins_and_the_older_one_is_no_departure(world: World) -> None:
    center, old = await world.console(), await world.desk()
    new = await world.desk()
    assert await old.hear_close() == 4409
    assert old.heard[-1]["error"]["code"] == "replaced"
    ack = await center.command(1, kind="place_call", point=WARD)
    assert (await new.hear("ring"))["call"]["id"] == ack["call"]
    assert world.service.owners["main"].bridge.is_live(WARD)


async def test_point_that_leaves_is_offline(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    await center.hear("changes", lambda message: [2, 1] in message["changes"])
    await desk.ws.close()
    await center.hear("changes", lambda message: [2, 0] in message["changes"])
    assert not world.service.owners["main"].bridge.is_live(WARD)


@pytest.mark.parametrize(
    "hello",
    [
        point_hello(secret="A" * 22),
        point_hello("99999"),
        token_hello("x.y.z"),
        token_hello(jwt.encode({"sub": "center"}, "k" * 32, algorithm="HS256")),
    ],
)
async def test_bad_credentials_are_refused_alike(world: World, hello: dict[str, Any]) -> None:
    client = await world.connect()
    await client.say(hello)
    assert await client.hear_close() == 4401
    assert [message["type"] for message in client.heard] == ["refused"]
    assert client.heard[0]["error"]["code"] == "bad_credential"


async def test_too_many_bad_credentials_from_an_address(make_world: MakeWorld) -> None:
    world = await make_world(bad_credentials_per_address_per_min=3)
    codes = []
    for _ in range(4):
        client = await world.connect()
        await client.say(point_hello(secret="A" * 22))
        codes.append(await client.hear_close())
    assert codes == [4401] * 3 + [4429]
    neighbour = await world.connect()
    await neighbour.say(point_hello())
    assert (await neighbour.hear("welcome"))["role"] == "point", "a desk with its right link is let in behind the same address"


async def test_point_token_is_no_credential_here(world: World) -> None:
    desk = await world.desk()
    client = await world.connect()
    await client.say(token_hello(desk.welcome["token"]))
    assert await client.hear_close() == 4403


async def test_unknown_session(world: World) -> None:
    client = await world.connect()
    await client.say(point_hello(session="other"))
    assert await client.hear_close() == 4403
    assert client.heard[0]["error"]["code"] == "not_found"


async def test_token_of_another_session(world: World) -> None:
    client = await world.connect()
    await client.say(token_hello(world.token("center", session="other")))
    assert await client.hear_close() == 4401


async def test_viewer_hears_the_stage_and_may_do_nothing(world: World) -> None:
    viewer = await world.connect()
    await viewer.say(token_hello(world.token("viewer")))
    assert (await viewer.hear("welcome"))["role"] == "viewer"
    error = await viewer.command(5, kind="place_call", point=WARD)
    assert error["error"]["code"] == "forbidden"
    await viewer.say({"type": "hang_up", "call": "c1"})
    assert (await viewer.hear("error"))["id"] is None
    world.node.tell(FeedFlowing("main", "center", "video", "p"))
    assert (await viewer.hear("stage", lambda message: message["stage"]["center_live"]))["stage"]["session_state"] == "open"


async def test_point_may_not_answer_for_another(world: World) -> None:
    center, desk, other = await world.console(), await world.desk(), await world.desk(OTHER_WARD)
    call = await ring(world, center, desk)
    await other.say({"type": "answer", "call": call, "report": REPORT})
    assert (await other.hear("error"))["error"]["code"] == "forbidden"
    await other.say({"type": "command", "id": 1, "command": {"kind": "take", "call": call}})
    assert (await other.hear("error", lambda message: message["id"] == 1))["error"]["code"] == "forbidden"
    assert world.service.owners["main"].bridge.calls[call].state.value == "delivered"


async def test_operator_of_one_province_sees_and_calls_no_further(world: World) -> None:
    center = await world.console()
    operator = await world.console("operator", scope=("80",), subject="operator:lan")
    assert operator.frame["states"] == "//8A"  # four points out of scope, two offline
    desk, far = await world.desk(), await world.desk(FAR_WARD)
    await ring(world, center, desk)
    changes = await operator.hear("changes")
    assert all(index in {4, 5} for index, _ in changes["changes"])
    assert (await operator.command(1, kind="place_call", point=WARD))["error"]["code"] == "forbidden"
    ack = await operator.command(2, kind="place_call", point=FAR_WARD)
    assert ack["type"] == "ack"
    await far.hear("ring")
    assert {message["call"]["point"] for message in operator.heard if message["type"] == "call"} == {FAR_WARD}


async def test_errors_of_the_domain_reach_the_console_in_both_languages(world: World) -> None:
    center = await world.console()
    error = await center.command(7, kind="take", call="c99")
    assert error["id"] == 7
    assert error["error"]["code"] == "unknown_call"
    assert error["error"]["message"]["vi"] != error["error"]["message"]["en"]


async def test_while_the_store_is_away_commands_say_try_again(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    await world.server.set_down(is_down=True)
    error = await center.command(1, kind="place_call", point=WARD)
    assert error["error"]["code"] == "unavailable"
    assert "thử lại" in error["error"]["message"]["vi"]
    await world.server.set_down(is_down=False)
    await eventually(lambda: world.service.owners["main"].is_ready)
    assert (await center.command(2, kind="place_call", point=WARD))["type"] == "ack"
    await desk.hear("ring")


async def test_media_epoch_is_told_to_all(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    world.node.ready = False
    world.node.tell(NodeDown())
    assert (await desk.hear("media", lambda message: not message["ready"]))["epoch"] == "e1"
    world.node.ready, world.node.epoch = True, "e2"
    world.node.tell(NodeUp("e2", True, (), ()))
    for client in (center, desk):
        assert (await client.hear("media", lambda message: message["epoch"] == "e2"))["ready"]


async def test_feeds_that_the_new_node_does_not_have_have_stopped(world: World) -> None:
    viewer = await world.connect()
    await viewer.say(token_hello(world.token("viewer")))
    await viewer.hear("welcome")
    world.node.tell(FeedFlowing("main", "center", "video", "p"))
    world.node.tell(FeedFlowing("main", "center", "audio", "p"))
    await viewer.hear("stage", lambda message: message["stage"]["center_live"])
    world.node.tell(FeedStopped("main", "center", "audio", "p", "silence"))
    world.node.tell(NodeUp("e2", True, (), ()))
    await viewer.hear("stage", lambda message: not message["stage"]["center_live"])
    assert world.service.owners["main"].bridge.state.media == {}


async def test_everybody_is_told_of_a_restart(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    closes = asyncio.gather(center.hear_close(), desk.hear_close())
    await world.service.stop()
    assert list(await closes) == [1012, 1012]
    assert desk.heard[-1]["error"]["code"] == "restarting"
    log = [text for _, text in world.server.logs["main"]]
    assert not [text for text in log if "point_left" in text], "the end of the process is no departure of points"


async def test_a_restart_gives_consoles_the_first_and_points_each_a_place(make_world: MakeWorld) -> None:
    world = await make_world(joins_per_s=0.5, joins_burst=10)
    codes = (WARD, OTHER_WARD)
    console, *desks = [await world.console(), *[await world.desk(code) for code in codes]]
    closes = asyncio.gather(*(client.hear_close() for client in (console, *desks)))
    await world.service.stop()
    await closes
    assert console.heard[-1]["error"]["retry_after_s"] is None
    first_s, second_s = sorted(desk.heard[-1]["error"]["retry_after_s"] for desk in desks)
    assert 1.0 <= first_s <= 1.0 + JITTER_S
    assert second_s - first_s == pytest.approx(1 / (0.5 * SHARE), abs=JITTER_S)


PRESENT = {"type": "present", "roll_call": "r1", "name": "Lan", "function": "Chủ tịch", "report": REPORT}


def total(present: int, late: int, no_answer: int, offline: int) -> dict[str, int]:
    asked = present + late + no_answer + offline
    return {"asked": asked, "present": present, "late": late, "no_answer": no_answer, "offline": offline}


async def test_a_roll_call_from_the_question_to_the_late_one(world: World) -> None:
    center, desk, other = await world.console(), await world.desk(), await world.desk(OTHER_WARD)
    ack = await center.command(1, kind="start_roll_call", seconds=60)
    assert (ack["call"], ack["roll_call"]) == (None, "r1")
    question = (await desk.hear("roll_call"))["roll_call"]
    assert (question["presence"], question["deadline"] - question["started_at"]) == ("waiting", 60_000)
    await other.hear("roll_call")
    await desk.say(PRESENT)
    own = (await desk.hear("roll_call", lambda message: message["roll_call"]["presence"] != "waiting"))["roll_call"]
    assert (own["presence"], own["name"], own["function"]) == ("present", "Lan", "Chủ tịch")
    board = await center.hear("roll_call_board", lambda message: message["roll_call"]["total"]["present"] == 1)
    assert board["roll_call"]["total"] == total(1, 0, 1, 4)
    assert [row["unit"] for row in board["roll_call"]["units"]] == ["79", "80"]
    assert (await center.command(2, kind="close_roll_call", roll_call="r1"))["roll_call"] == "r1"
    absent = (await other.hear("roll_call", lambda message: message["roll_call"]["state"] == "closed"))["roll_call"]
    assert (absent["presence"], absent["cause"]) == ("absent", "no_answer")
    await other.say(PRESENT | {"name": "Bảy"})
    await other.hear("roll_call", lambda message: message["roll_call"]["presence"] == "late")
    closed = await center.hear("roll_call_board", lambda message: message["roll_call"]["total"]["late"] == 1)
    assert closed["roll_call"]["state"] == "closed"
    assert "roll_call_board" not in {message["type"] for message in (*desk.heard, *other.heard)}
    assert "Bảy" not in str(desk.heard), "a point hears of itself alone"


async def test_who_comes_in_the_middle_is_asked_and_who_comes_after_may_be_late(world: World) -> None:
    center = await world.console()
    await center.command(1, kind="start_roll_call", seconds=60)
    desk = await world.desk()
    assert (await desk.hear("roll_call"))["roll_call"]["presence"] == "waiting"
    await center.hear("roll_call_board", lambda message: message["roll_call"]["total"]["no_answer"] == 1)
    await center.command(2, kind="close_roll_call", roll_call="r1")
    other = await world.desk(OTHER_WARD)
    question = (await other.hear("roll_call"))["roll_call"]
    assert (question["state"], question["presence"], question["cause"]) == ("closed", "absent", "offline")


async def test_a_console_that_comes_later_sees_the_boards_of_its_scope(world: World) -> None:
    center = await world.console()
    await center.command(1, kind="start_roll_call", seconds=60, units=["79"])
    await center.command(2, kind="start_roll_call", seconds=60, units=["80"])
    operator = await world.console("operator", scope=("80",), subject="operator:lan")
    board = (await operator.hear("roll_call_board"))["roll_call"]
    assert (board["id"], board["total"]) == ("r2", total(0, 0, 0, 2))
    await world.service.hub.tick()
    await operator.hear("tick")
    assert [message["roll_call"]["id"] for message in operator.heard if message["type"] == "roll_call_board"] == ["r2"]


async def test_an_operator_asks_its_own_scope_by_default_and_no_further(world: World) -> None:
    desk, far = await world.desk(), await world.desk(FAR_WARD)
    operator = await world.console("operator", scope=("80", "nowhere"), subject="operator:lan")
    assert (await operator.command(1, kind="start_roll_call", seconds=60, units=["79"]))["error"]["code"] == "forbidden"
    assert (await operator.command(2, kind="start_roll_call", seconds=60, units=["VN"]))["error"]["code"] == "forbidden"
    assert (await operator.command(3, kind="start_roll_call", seconds=60))["roll_call"] == "r1"
    await far.hear("roll_call")
    center = await world.console()
    assert (await center.command(1, kind="start_roll_call", seconds=60))["error"]["code"] == "roll_call_running"
    await center.command(2, kind="start_roll_call", seconds=60, units=["79"])
    await desk.hear("roll_call", lambda message: message["roll_call"]["id"] == "r2")
    assert (await operator.command(4, kind="close_roll_call", roll_call="r2"))["error"]["code"] == "forbidden"
    assert (await operator.command(5, kind="close_roll_call", roll_call="r9"))["error"]["code"] == "unknown_roll_call"


async def test_answers_that_cannot_be(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    await desk.say(PRESENT)
    assert (await desk.hear("error"))["error"]["code"] == "unknown_roll_call"
    await center.command(1, kind="start_roll_call", seconds=60, units=["80"])
    await desk.say(PRESENT)
    assert (await desk.hear("error"))["error"]["code"] == "not_asked"
    await center.say(PRESENT)
    assert (await center.hear("error"))["error"]["code"] == "forbidden"


async def test_a_roll_call_survives_the_store_being_away(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    await center.command(1, kind="start_roll_call", seconds=60)
    await desk.hear("roll_call")
    await world.server.set_down(is_down=True)
    await desk.say(PRESENT)
    assert (await desk.hear("error"))["error"]["code"] == "unavailable"
    await world.server.set_down(is_down=False)
    await eventually(lambda: world.service.owners["main"].is_ready)
    await desk.say(PRESENT)
    await desk.hear("roll_call", lambda message: message["roll_call"]["presence"] == "present")


async def test_the_floor_from_asking_to_taking_it_back(world: World) -> None:
    center, desk, other = await world.console(), await world.desk(), await world.desk(OTHER_WARD)
    await desk.say({"type": "ask_floor", "subject": "ô-xy"})
    assert (await desk.hear("floor"))["request"]["place"] == 1
    await other.say({"type": "ask_floor"})
    assert (await other.hear("floor"))["request"]["place"] == 2
    queue = await center.hear("floor_queue", lambda message: message["waiting"] == 2)
    assert [(row["point"], row["subject"]) for row in queue["queue"]] == [(WARD, "ô-xy"), (OTHER_WARD, "")]
    call = (await center.command(1, kind="give_floor", point=WARD, seconds=60))["call"]
    assert (await other.hear("floor", lambda message: message["request"]["place"] == 1))["request"]["state"] == "waiting"
    await desk.hear("ring")
    await desk.say({"type": "answer", "call": call, "report": REPORT})
    await center.hear_call("answered")
    world.node.tell(FeedFlowing("main", f"point:{WARD}", "video", "peer"))
    own = await desk.hear("floor", lambda message: message["request"]["state"] == "speaking")
    assert own["request"]["deadline"] - own["request"]["started_at"] == 60_000
    held = await center.hear("floor_queue", lambda message: message["holder"] and message["holder"]["state"] == "speaking")
    assert held["waiting"] == 1
    assert (await center.command(2, kind="take_back_floor", point=WARD))["type"] == "ack"
    await desk.hear("floor", lambda message: message["request"] is None)
    await other.say({"type": "withdraw_floor"})
    await other.hear("floor", lambda message: message["request"] is None)


async def test_the_floor_stays_within_the_scope(world: World) -> None:
    desk = await world.desk()
    await desk.say({"type": "ask_floor"})
    await desk.hear("floor")
    operator = await world.console("operator", scope=("80",), subject="operator:lan")
    assert (await operator.hear("floor_queue"))["waiting"] == 0
    assert (await operator.command(1, kind="give_floor", point=WARD))["error"]["code"] == "forbidden"
    response = await world.client.get("/api/sessions/main/floor", headers=world.bearer("center"))
    body = await response.json()
    assert ([row["point"] for row in body["queue"]], body["holder"], body["waiting"]) == ([WARD], None, 1)
    again = await world.desk()
    assert (await again.hear("floor"))["request"]["place"] == 1
