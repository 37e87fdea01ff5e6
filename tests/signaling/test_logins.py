"""Logins against the in-memory store, with a clock of their own: what is let in, for how long, and what is written down."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
from argon2 import PasswordHasher

from bridge.errors import BridgeError
from signaling import passwords as password_module
from signaling.account_changes import change_account, make_account
from signaling.accounts import AccountRecord, Changes, changed, new_account
from signaling.auth import CredentialError, Identity, check_token
from signaling.errors import ServiceError
from signaling.generations import Generations
from signaling.logins import ACCESS_S, Granted, Logins
from signaling.memory_store import MemoryServer, MemoryStore
from signaling.passwords import Passwords, hash_password
from signaling.refresh import GRACE_MS, TOKEN_MS
from tests.signaling.world import directory

KEY = b"K" * 32
START = 1_795_000_000_000
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD, OTHER_PASSWORD = "mật khẩu của Lan", "mật khẩu khác hẳn"
HOME, AWAY = "192.0.2.1", "198.51.100.7"
DIRECTORY = directory()


class Scene:
    """One process with the account ``lan``; ``now`` moves by hand."""

    def __init__(self) -> None:
        self.now = START
        self.server = MemoryServer(lambda: self.now / 1000)
        self.store = MemoryStore(self.server)
        self.generations = Generations(self.store)
        self.passwords = Passwords(CHEAP)
        self.logins = Logins(
            store=self.store,
            generations=self.generations,
            passwords=self.passwords,
            token_key=KEY,
            now_ms=lambda: self.now,
            random_bytes=secrets.token_bytes,
        )

    async def add(self, name: str = "lan") -> None:
        password_hash = hash_password(PASSWORD, CHEAP)
        record = new_account(
            name=name,
            display_name="Nguyễn Thị Lan",
            role="operator",
            scope=("79",),
            password_hash=password_hash,
            directory=DIRECTORY,
            by="test",
            now=self.now,
        )
        await make_account(self.store, record)

    async def change(self, **fields: Any) -> AccountRecord:
        return await change_account(
            self.store, "lan", lambda before: changed(before, Changes(**fields), directory=DIRECTORY, by="test", now=self.now)
        )

    async def fails(self, name: str = "lan", password: str = "sai mật khẩu", address: str = AWAY) -> ServiceError:
        with pytest.raises(ServiceError) as raised:
            await self.logins.login(name, password, address)
        return raised.value

    async def audit(self) -> list[dict[str, Any]]:
        return [dict(entry) for _, entry in reversed(await self.store.read_audit("logins", None, 1000))]

    async def let_in(self, password: str = PASSWORD, address: str = HOME) -> Granted:
        return await self.logins.login("lan", password, address)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    made = Scene()
    await made.add()
    yield made
    made.passwords.close()


async def test_a_login_gives_a_token_for_every_session(scene: Scene) -> None:
    granted = await scene.logins.login(" LAN ", PASSWORD, HOME)
    identity = check_token(KEY, granted.access_token, now=START // 1000, session="any")
    assert identity == Identity("operator:lan", "operator", "*", ("79",), START // 1000 + ACCESS_S, 0, "lan")
    assert granted.access_expires_at == START + ACCESS_S * 1000
    assert granted.refresh_expires_at == START + TOKEN_MS
    assert PASSWORD not in repr(granted)
    assert granted.access_token not in repr(granted)
    assert granted.refresh_token not in repr(granted)


async def test_whatever_is_wrong_has_one_answer_after_the_same_work(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    real = password_module.is_password

    def look(password_hash: str, password: str, hasher: PasswordHasher) -> bool:
        looked.append(password_hash.split("$")[3])
        return real(password_hash, password, hasher)

    monkeypatch.setattr(password_module, "is_password", look)
    refusals = [(await scene.fails()).refusal, (await scene.fails("nobody")).refusal, (await scene.fails("Không có")).refusal]
    await scene.change(is_disabled=True)
    refusals.append((await scene.fails(password=PASSWORD)).refusal)
    assert len(set(refusals)) == 1
    assert refusals[0].http_status == 401
    assert len(looked) == 4
    assert len(set(looked)) == 1, "of the same cost"


async def test_a_lock_is_for_unknown_names_too_and_for_one_address(scene: Scene) -> None:
    for name in ("lan", "nobody"):
        for _ in range(5):
            assert (await scene.fails(name)).refusal.code == "bad_credential"
        refusal = (await scene.fails(name, PASSWORD)).refusal
        assert (refusal.code, refusal.http_status, refusal.retry_after_s) == ("bad_credential_limit", 429, 30)
        assert "30" in refusal.message_vi
    await scene.let_in()
    scene.now += 30_000
    await scene.let_in(address=AWAY)
    assert (await scene.fails()).refusal.code == "bad_credential", "a login forgets the failures before it"


async def test_a_lock_survives_a_restart(scene: Scene) -> None:
    for _ in range(5):
        await scene.fails()
    restarted = Scene()
    restarted.server = scene.server
    restarted.store.server = scene.server
    assert (await restarted.fails(password=PASSWORD)).refusal.code == "bad_credential_limit"
    restarted.passwords.close()


async def test_a_hundred_tries_at_the_same_moment_are_a_hundred_tries(scene: Scene) -> None:
    tries = [scene.fails() for _ in range(20)]
    codes = [error.refusal.code for error in await asyncio.gather(*tries)]
    assert codes.count("bad_credential") == 5
    assert len([entry for entry in await scene.audit() if entry["what"] == "login_failed"]) == 5


async def test_a_guesser_with_many_addresses_is_slowed_and_the_usual_desk_is_not(scene: Scene) -> None:
    await scene.let_in()
    codes = [(await scene.fails(address=f"10.0.{number}.0")).refusal.code for number in range(60)]
    assert codes[:50] == ["bad_credential"] * 50
    assert set(codes[50:]) == {"bad_credential_limit"}
    await scene.let_in()
    refusal = (await scene.fails(password=PASSWORD)).refusal
    assert refusal.code == "bad_credential_limit"
    assert refusal.retry_after_s is not None
    assert refusal.retry_after_s <= 60
    scene.now += 60_000
    await scene.let_in(address=AWAY)


async def test_one_address_that_tries_many_names_is_slowed(scene: Scene) -> None:
    codes = [(await scene.fails(f"name{number}")).refusal.code for number in range(55)]
    assert codes == ["bad_credential"] * 50 + ["bad_credential_limit"] * 5
    await scene.let_in()


async def test_what_is_written_down(scene: Scene) -> None:
    await scene.fails()
    await scene.fails("mật khẩu gõ nhầm ô")
    granted = await scene.let_in()
    await scene.logins.logout(granted.refresh_token, HOME)
    entries = await scene.audit()
    assert [(entry["what"], entry["account"], entry.get("reason"), entry["address"]) for entry in entries] == [
        ("login_failed", "lan", "password", AWAY),
        ("login_failed", "", "name", AWAY),
        ("login", "lan", None, HOME),
        ("logout", "lan", None, HOME),
    ]
    for _ in range(4):
        await scene.fails()
    assert (await scene.audit())[-1]["locked_s"] == 30


async def test_the_store_holds_no_password_and_no_token(scene: Scene) -> None:
    granted = await scene.let_in()
    await scene.logins.refresh(granted.refresh_token, HOME)
    await scene.fails(password="một mật khẩu sai")
    data = scene.server.accounts
    everything = json.dumps([data.records, data.audit, list(data.cells.items())], ensure_ascii=False)
    assert "families:lan" in everything
    for secret in (PASSWORD, "một mật khẩu sai", granted.refresh_token.rpartition(".")[2], granted.access_token):
        assert secret not in everything
    assert AWAY not in json.dumps(list(data.cells.items()))


async def test_refreshing_and_the_second_use(scene: Scene) -> None:
    first = await scene.let_in()
    scene.now += 10 * 60_000
    second = await scene.logins.refresh(first.refresh_token, HOME)
    assert second.refresh_token != first.refresh_token
    assert check_token(KEY, second.access_token, now=scene.now // 1000).account == "lan"
    scene.now += GRACE_MS
    again = await scene.logins.refresh(first.refresh_token, HOME)
    assert again.refresh_token == second.refresh_token, "an answer may be lost"
    scene.now += 1
    with pytest.raises(CredentialError):
        await scene.logins.refresh(first.refresh_token, AWAY)
    with pytest.raises(CredentialError):
        await scene.logins.refresh(second.refresh_token, HOME)
    assert (await scene.audit())[-1] | {"at": 0} == {
        "at": 0,
        "what": "refresh_token_reused",
        "account": "lan",
        "by": "",
        "address": AWAY,
    }


async def test_the_same_refresh_at_the_same_moment_has_one_successor(scene: Scene) -> None:
    first = await scene.let_in()
    answers = await asyncio.gather(*(scene.logins.refresh(first.refresh_token, HOME) for _ in range(5)))
    assert len({answer.refresh_token for answer in answers}) == 1
    await scene.logins.refresh(answers[0].refresh_token, HOME)


@pytest.mark.parametrize("text", ["", "x", "lan.a.b", "nobody.a.b", "lan." + "a" * 16 + "." + "b" * 43])
async def test_what_is_no_refresh_token(scene: Scene, text: str) -> None:
    await scene.let_in()
    with pytest.raises(CredentialError):
        await scene.logins.refresh(text, HOME)
    await scene.logins.logout(text, HOME)


async def test_a_logout_ends_one_login(scene: Scene) -> None:
    one, other = await scene.let_in(), await scene.let_in()
    await scene.logins.logout(one.refresh_token, HOME)
    with pytest.raises(CredentialError):
        await scene.logins.refresh(one.refresh_token, HOME)
    await scene.logins.refresh(other.refresh_token, HOME)


@pytest.mark.parametrize("change", [{"is_disabled": True}, {"role": "center"}, {"scope": ("773",)}, {"password_hash": "x"}])
async def test_a_change_ends_every_login_at_once(scene: Scene, change: dict[str, Any]) -> None:
    granted = await scene.let_in()
    after = await scene.change(**change)
    with pytest.raises(CredentialError):
        await scene.logins.refresh(granted.refresh_token, HOME)
    scene.logins.note(after)
    scene.generations._known.set()
    assert not scene.generations.is_current(check_token(KEY, granted.access_token, now=START // 1000))


async def test_another_shown_name_ends_none(scene: Scene) -> None:
    granted = await scene.let_in()
    await scene.change(display_name="Lan Anh")
    assert (await scene.logins.refresh(granted.refresh_token, HOME)).record.display_name == "Lan Anh"


def identity(generation: int = 0) -> Identity:
    return Identity("operator:lan", "operator", "*", ("79",), 0, generation, "lan")


async def test_the_own_password_is_changed_by_who_knows_it(scene: Scene) -> None:
    before = await scene.let_in()
    granted = await scene.logins.change_password(identity(), PASSWORD, OTHER_PASSWORD, HOME)
    assert check_token(KEY, granted.access_token, now=START // 1000).generation == 1
    with pytest.raises(CredentialError):
        await scene.logins.refresh(before.refresh_token, HOME)
    await scene.logins.refresh(granted.refresh_token, HOME)
    assert (await scene.fails(password=PASSWORD)).refusal.code == "bad_credential"
    await scene.let_in(OTHER_PASSWORD)
    changes = await scene.store.read_audit("changes", None, 1)
    assert changes[0][1]["by"] == "operator:lan"
    assert changes[0][1]["password_changed"] is True


@pytest.mark.parametrize(
    ("present", "new", "code"),
    [
        ("sai mật khẩu", OTHER_PASSWORD, "wrong_password"),
        (PASSWORD, PASSWORD, "weak_password"),
        (PASSWORD, "ngắn", "weak_password"),
        (PASSWORD, "Nguyễn Thị Lan", "weak_password"),
    ],
)
async def test_what_is_no_new_password(scene: Scene, present: str, new: str, code: str) -> None:
    with pytest.raises(BridgeError) as raised:
        await scene.logins.change_password(identity(), present, new, HOME)
    assert raised.value.code == code
    await scene.let_in()


async def test_who_came_by_a_link_has_no_password(scene: Scene) -> None:
    with pytest.raises(ServiceError) as raised:
        await scene.logins.change_password(Identity("center", "center", "main", ("VN",), 0), PASSWORD, OTHER_PASSWORD, HOME)
    assert raised.value.refusal.code == "forbidden"


async def test_guessing_the_present_password_is_counted(scene: Scene) -> None:
    for _ in range(5):
        with pytest.raises(BridgeError):
            await scene.logins.change_password(identity(), "sai mật khẩu", OTHER_PASSWORD, HOME)
    with pytest.raises(ServiceError) as raised:
        await scene.logins.change_password(identity(), PASSWORD, OTHER_PASSWORD, HOME)
    assert raised.value.refusal.code == "bad_credential_limit"


async def test_nothing_is_let_in_while_the_store_is_away(scene: Scene) -> None:
    granted = await scene.let_in()
    await scene.server.set_down(is_down=True)
    for attempt in (scene.let_in(), scene.logins.refresh(granted.refresh_token, HOME)):
        with pytest.raises(Exception, match="down"):
            await attempt
    await scene.server.set_down(is_down=False)
    await scene.logins.refresh(granted.refresh_token, HOME)
