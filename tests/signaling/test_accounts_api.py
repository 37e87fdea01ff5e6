"""Accounts over HTTP, in the whole application."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import structlog
from argon2 import PasswordHasher

from signaling import passwords as password_module
from signaling.accounts_api import AccountView, AuditEntry, LoggedIn
from tests.signaling.conftest import MakeWorld
from tests.signaling.world import World, token_hello

PASSWORD = "mật khẩu của Lan"
NEW_PASSWORD = "mật khẩu mới của Lan"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(password_module, "new_hasher", lambda: hasher)


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    return await make_world(joins_per_address_per_s=1000, joins_per_address_burst=1000)


def body(**fields: Any) -> dict[str, Any]:
    return {"name": "lan", "display_name": "Lan", "role": "operator", "scope": ["79"], "password": PASSWORD, **fields}


async def ask(world: World, method: str, path: str, headers: dict[str, str] | None = None, **json: Any) -> tuple[int, Any]:
    sent = json or None if method in {"GET", "DELETE"} else json
    response = await world.client.request(method, path, headers=headers, json=sent)
    return response.status, await response.json()


async def make(world: World, **fields: Any) -> Any:
    status, answer = await ask(world, "POST", "/api/accounts", world.bearer("center"), **body(**fields))
    assert status == 201, answer
    return answer


async def log_in(world: World, name: str = "lan", password: str = PASSWORD) -> dict[str, Any]:
    status, answer = await ask(world, "POST", "/api/login", name=name, password=password)
    assert status == 200, answer
    LoggedIn.model_validate(answer)
    return answer  # type: ignore[no-any-return]


def bearer(granted: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {granted['access_token']}"}


async def test_from_an_account_to_a_console(world: World) -> None:
    made = await make(world)
    AccountView.model_validate(made)
    assert (made["name"], made["is_disabled"], made["made_by"]) == ("lan", False, "center")
    granted = await log_in(world, "LAN")
    assert granted["account"] == made
    assert (await world.client.get("/api/directory", headers=bearer(granted))).status == 200
    console = await world.connect()
    await console.say(token_hello(granted["access_token"]))
    welcome = await console.hear("welcome")
    assert (welcome["subject"], welcome["role"], welcome["session"]["id"]) == ("operator:lan", "operator", "main")
    await console.hear("frame")
    assert (await console.command(1, kind="place_call", point="79"))["type"] == "ack"
    assert (await console.command(2, kind="place_call", point="80"))["error"]["code"] == "forbidden"


async def test_tokens_follow_each_other_and_a_logout_ends_them(world: World) -> None:
    await make(world)
    granted = await log_in(world)
    status, second = await ask(world, "POST", "/api/refresh", refresh_token=granted["refresh_token"])
    assert status == 200
    assert (await ask(world, "POST", "/api/logout", refresh_token=second["refresh_token"]))[0] == 200
    status, problem = await ask(world, "POST", "/api/refresh", refresh_token=second["refresh_token"])
    assert (status, problem["code"]) == (401, "bad_credential")


@pytest.mark.parametrize("change", [{"password": NEW_PASSWORD}, {"role": "observer"}, {"scope": ["773"]}, {"is_disabled": True}])
async def test_a_change_sends_away_whoever_is_in(world: World, change: dict[str, Any]) -> None:
    await make(world)
    granted = await log_in(world)
    console = await world.connect()
    await console.say(token_hello(granted["access_token"]))
    await console.hear("welcome")
    status, after = await ask(world, "PUT", "/api/accounts/lan", world.bearer("center"), **change)
    assert status == 200
    assert {name: after[name] for name in change if name != "password"} == {
        name: value for name, value in change.items() if name != "password"
    }
    assert await console.hear_close() == 4401
    assert (await world.client.get("/api/directory", headers=bearer(granted))).status == 401
    assert (await ask(world, "POST", "/api/refresh", refresh_token=granted["refresh_token"]))[0] == 401
    status, _ = await ask(world, "POST", "/api/login", name="lan", password=change.get("password", PASSWORD))
    assert status == (401 if change.get("is_disabled") else 200)


async def test_disabled_and_enabled_again(world: World) -> None:
    await make(world)
    status, after = await ask(world, "DELETE", "/api/accounts/lan", world.bearer("center"))
    assert (status, after["is_disabled"]) == (200, True)
    assert (await ask(world, "DELETE", "/api/accounts/lan", world.bearer("center")))[0] == 200
    assert (await ask(world, "POST", "/api/login", name="lan", password=PASSWORD))[0] == 401
    await ask(world, "PUT", "/api/accounts/lan", world.bearer("center"), is_disabled=False)
    await log_in(world)


async def test_the_own_password(world: World) -> None:
    await make(world, role="center")
    granted = await log_in(world)
    status, again = await ask(world, "POST", "/api/password", bearer(granted), present=PASSWORD, new=NEW_PASSWORD)
    assert status == 200
    assert (await world.client.get("/api/directory", headers=bearer(granted))).status == 401
    assert (await world.client.get("/api/directory", headers=bearer(again))).status == 200
    status, problem = await ask(world, "POST", "/api/password", bearer(again), present="sai mật khẩu", new=PASSWORD)
    assert (status, problem["code"]) == (400, "wrong_password")
    assert (await ask(world, "POST", "/api/password", world.bearer("center"), present=PASSWORD, new=NEW_PASSWORD))[0] == 403
    assert (await ask(world, "POST", "/api/password", None, present=PASSWORD, new=NEW_PASSWORD))[0] == 401


async def test_every_level_manages_its_own(world: World) -> None:
    await make(world, name="longan", scope=["79", "773"])
    city = world.bearer("center", scope=("79",))
    status, _ = await ask(world, "POST", "/api/accounts", city, **body(name="quan4", role="center", scope=["773"]))
    assert status == 201
    status, problem = await ask(world, "POST", "/api/accounts", city, **body(name="rong", scope=["VN"]))
    assert (status, problem["code"]) == (403, "forbidden")
    status, listed = await ask(world, "GET", "/api/accounts", city)
    assert [each["name"] for each in listed["accounts"]] == ["longan", "quan4"]
    await ask(world, "PUT", "/api/accounts/longan", world.bearer("center"), scope=["80"])
    status, listed = await ask(world, "GET", "/api/accounts", city)
    assert [each["name"] for each in listed["accounts"]] == ["quan4"]
    for method, path in (("GET", "/api/accounts/longan"), ("DELETE", "/api/accounts/longan"), ("GET", "/api/accounts/nobody")):
        status, problem = await ask(world, method, path, city)
        assert (status, problem["code"]) == (404, "unknown_account")
    status, problem = await ask(world, "PUT", "/api/accounts/longan", city, password=NEW_PASSWORD)
    assert (status, problem["code"]) == (404, "unknown_account")
    for role in ("operator", "observer", "viewer"):
        for method, path in (("GET", "/api/accounts"), ("GET", "/api/audit"), ("POST", "/api/accounts")):
            assert (await ask(world, method, path, world.bearer(role)))[0] == 403
    assert (await ask(world, "GET", "/api/accounts"))[0] == 401


async def test_nobody_raises_himself(world: World) -> None:
    await make(world, name="quan4", role="center", scope=["773"])
    own = bearer(await log_in(world, "quan4"))
    for change in ({"scope": ["27286"]}, {"role": "operator"}, {"is_disabled": True}, {"password": NEW_PASSWORD}):
        status, problem = await ask(world, "PUT", "/api/accounts/quan4", own, **change)
        assert (status, problem["code"]) == (403, "forbidden")
    status, after = await ask(world, "PUT", "/api/accounts/quan4", own, display_name="Quận 4")
    assert (status, after["display_name"]) == (200, "Quận 4")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"name": "lan"}, 409, "name_taken"),
        ({"name": "L"}, 201, None),
        ({"name": "lan anh"}, 400, "bad_account"),
        ({"name": "b", "password": "ngắn"}, 400, "weak_password"),
        ({"name": "b", "scope": ["nowhere"]}, 404, "unknown_unit"),
        ({"name": "b", "scope": []}, 400, "bad_message"),
        ({"name": "b", "role": "king"}, 400, "bad_message"),
        ({"name": "b", "more": 1}, 400, "bad_message"),
    ],
)
async def test_what_is_no_new_account(world: World, fields: dict[str, Any], status: int, code: str | None) -> None:
    await make(world)
    found, answer = await ask(world, "POST", "/api/accounts", world.bearer("center"), **body(**fields))
    assert (found, answer.get("code")) == (status, code)
    if code is not None:
        assert answer["message"]["vi"]


@pytest.mark.parametrize("path", ["/api/login", "/api/refresh", "/api/logout", "/api/password", "/api/accounts"])
async def test_only_json_is_read(world: World, path: str) -> None:
    """A form of another site can send text and forms without asking, but no JSON (Fetch §4.4)."""
    headers = world.bearer("center") | {"Content-Type": "text/plain"}
    response = await world.client.post(path, data='{"name": "lan"}', headers=headers)
    assert response.status == 415
    response = await world.client.post(path, json={"unknown": PASSWORD}, headers=world.bearer("center"))
    assert response.status == 400
    assert PASSWORD not in await response.text()


async def test_lists_come_in_pages(world: World) -> None:
    for number in range(5):
        await make(world, name=f"a{number}")
    _, page = await ask(world, "GET", "/api/accounts?limit=2", world.bearer("center"))
    assert ([each["name"] for each in page["accounts"]], page["has_more"]) == (["a0", "a1"], True)
    _, page = await ask(world, "GET", "/api/accounts?limit=3&after=a1", world.bearer("center"))
    assert ([each["name"] for each in page["accounts"]], page["has_more"]) == (["a2", "a3", "a4"], False)
    assert "password_hash" not in page["accounts"][0]
    for query in ("limit=0", "limit=1001", "limit=x", "more=1", "limit=1&limit=2"):
        assert (await ask(world, "GET", f"/api/accounts?{query}", world.bearer("center")))[0] == 400


async def test_the_audit_tells_who_did_what(world: World) -> None:
    await make(world)
    await ask(world, "POST", "/api/login", name="lan", password="sai mật khẩu")
    await log_in(world)
    await ask(world, "PUT", "/api/accounts/lan", world.bearer("center", subject="center:minh"), scope=["773"])
    status, changes = await ask(world, "GET", "/api/audit", world.bearer("center"))
    assert status == 200
    newest, made = changes["entries"]
    assert (newest["what"], newest["account"], newest["by"]) == ("account_changed", "lan", "center:minh")
    assert (newest["before"], newest["after"], newest["password_changed"]) == ({"scope": ["79"]}, {"scope": ["773"]}, False)
    assert (made["what"], made["after"]["role"], made["password_changed"]) == ("account_made", "operator", True)
    status, logins = await ask(world, "GET", "/api/audit?stream=logins", world.bearer("center"))
    assert [(entry["what"], entry["reason"]) for entry in logins["entries"]] == [("login", ""), ("login_failed", "password")]
    assert logins["entries"][0]["address"] == "127.0.0.1"
    status, older = await ask(
        world, "GET", f"/api/audit?stream=logins&before={logins['entries'][0]['id']}", world.bearer("center")
    )
    assert [entry["what"] for entry in older["entries"]] == ["login_failed"]
    for before in ("x", "0-0", "00-00", "1-", "1-01"):
        assert (await ask(world, "GET", f"/api/audit?before={before}", world.bearer("center")))[0] == 400
    assert (await ask(world, "GET", "/api/audit", world.bearer("center", scope=("79",))))[0] == 403


async def test_no_log_line_holds_a_password_or_token(world: World) -> None:
    with structlog.testing.capture_logs() as lines:
        await make(world)
        granted = await log_in(world)
        await ask(world, "POST", "/api/refresh", refresh_token=granted["refresh_token"])
        await ask(world, "POST", "/api/login", name=PASSWORD, password=PASSWORD)
        await ask(world, "PUT", "/api/accounts/lan", world.bearer("center"), password=NEW_PASSWORD)
    said = [line["event"] for line in lines]
    assert [event for event in said if event.startswith("accounts.")] == ["accounts.made", "accounts.changed"]
    for secret in (PASSWORD, NEW_PASSWORD, granted["access_token"], granted["refresh_token"]):
        assert secret not in str(lines)


async def test_too_many_passwords_at_once_are_refused(world: World) -> None:
    await make(world)
    world.service.passwords._places = 0
    response = await world.client.post("/api/login", json={"name": "lan", "password": PASSWORD})
    assert (response.status, response.headers["Retry-After"]) == (503, "2")


async def test_an_address_that_hammers_is_stopped_before_anything_is_read(make_world: MakeWorld) -> None:
    world = await make_world(joins_per_address_per_s=0.001, joins_per_address_burst=2)
    codes = [(await world.client.post("/api/login", data="x")).status for _ in range(3)]
    assert codes == [415, 415, 503]


async def test_every_route_is_served_as_it_is_described(world: World) -> None:
    routes = world.service.accounts_api.routes()
    assert len({(each.method, each.path) for each in routes}) == len(routes) == 10
    for route in routes:
        path = route.path.replace("{name}", "nobody")
        response = await world.client.request(route.method, path, json={} if route.body else None)
        wanted = {"anybody": 400, "console": 401, "observer": 401}[route.access]
        assert response.status == wanted, route.path


def test_the_protocol_shows_answers_as_they_are() -> None:
    protocol = (Path(password_module.__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")
    for kind, model in (("login", LoggedIn), ("audit", AuditEntry)):
        (example,) = re.findall(rf"```json {kind}\n(.*?)\n```", protocol, re.DOTALL)
        assert set(json.loads(example)) == set(model.model_validate_json(example).model_dump()), kind
