"""Passwords: argon2id in bounded threads, and the same work for nobody as for somebody."""

from __future__ import annotations

import asyncio
import threading
import unicodedata

import pytest
from argon2 import PasswordHasher, extract_parameters

from signaling import passwords as module
from signaling.errors import ServiceError
from signaling.passwords import Passwords, hash_password, is_password, new_hasher, nobodys_hash

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def test_the_hash_is_argon2id_of_the_documented_cost() -> None:
    made = hash_password("đúng mật khẩu")
    found = extract_parameters(made)
    assert made.startswith("$argon2id$")
    assert (found.memory_cost, found.time_cost, found.parallelism) == (19 * 1024, 2, 1)
    assert is_password(made, "đúng mật khẩu", new_hasher())
    assert not is_password(made, "sai mật khẩu", new_hasher())


def test_both_ways_of_typing_vietnamese_are_one_password() -> None:
    composed = "mật khẩu rất dài"
    made = hash_password(unicodedata.normalize("NFD", composed), CHEAP)
    assert is_password(made, composed, CHEAP)


@pytest.mark.parametrize("kept", ["", "x", "$argon2id$v=19$m=8,t=1,p=1$", "$2b$12$abcdefghijklmnopqrstuv"])
def test_what_is_no_hash_is_no_password(kept: str) -> None:
    assert not is_password(kept, "anything at all", CHEAP)


def test_nobodys_hash_costs_the_same_and_has_no_password() -> None:
    hasher = new_hasher()
    assert extract_parameters(nobodys_hash(hasher)) == extract_parameters(hasher.hash("x"))
    assert not is_password(nobodys_hash(CHEAP), "", CHEAP)


async def test_the_password_of_nobody_is_looked_at_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def look(password_hash: str, password: str, hasher: PasswordHasher) -> bool:
        looked.append(password_hash)
        return True

    monkeypatch.setattr(module, "is_password", look)
    passwords = Passwords(CHEAP)
    assert not await passwords.check(None, "anything")
    assert await passwords.check("$kept", "anything")
    assert looked[0].startswith("$argon2id$")
    assert len(looked) == 2
    passwords.close()


async def test_places_are_bounded_and_given_back_when_the_thread_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    may_end = threading.Event()
    monkeypatch.setattr(module, "is_password", lambda *_: may_end.wait(10))
    passwords = Passwords(CHEAP, max_waiting=1)  # and two threads

    async def ask() -> bool:
        with passwords.place():
            return await passwords.check("$kept", "x")

    tasks = [asyncio.create_task(ask()) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(ServiceError) as raised:
        await ask()
    assert raised.value.refusal.http_status == 503
    assert raised.value.refusal.retry_after_s
    assert passwords.refused == 1
    tasks[0].cancel()  # its client went away; its thread works on
    await asyncio.sleep(0)
    with pytest.raises(ServiceError):
        await ask()
    may_end.set()
    assert await asyncio.gather(*tasks[1:]) == [True, True]
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    assert await ask()
    passwords.close()


async def test_hashing_leaves_the_loop_free() -> None:
    passwords = Passwords()
    turns = 0
    task = asyncio.create_task(passwords.hash("một mật khẩu dài"))
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
    assert is_password(await task, "một mật khẩu dài", new_hasher())
    passwords.close()
