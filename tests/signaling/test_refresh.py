"""Families of refresh tokens: an honest page keeps its login, and a stolen token never lives beside the owner's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from signaling import refresh
from signaling.refresh import (
    FAMILY_MS,
    GRACE_MS,
    MAX_FAMILIES,
    TOKEN_MS,
    Families,
    Token,
    begun,
    ended,
    ends_at,
    families_of,
    families_text,
    kept_ms,
    new_token,
    parse_token,
    refreshed,
    successor,
)

NOW = 1_795_000_000_000
KEY = b"k" * 32


def token(number: int = 0, name: str = "lan") -> Token:
    return new_token(name, bytes([number]) * 12, bytes([number]) * 32)


def started(generation: int = 0) -> tuple[Families, Token]:
    return begun((), token(), NOW, generation), token()


def test_a_token_is_taken_apart() -> None:
    made = token(name="nguyen.thi.lan")
    assert parse_token(made.text) == made
    assert made.secret not in made.digest


@pytest.mark.parametrize(
    "text", ["", "lan", "lan.a", "lan..b", ".a.b", "Lan.a.b", "lân.a.b", "lan.a." + "b" * 200, "lan.a.b\u00e9"]
)
def test_what_is_no_token(text: str) -> None:
    assert parse_token(text) is None


def test_each_is_good_once_and_gives_the_next() -> None:
    families, first = started()
    families, outcome = refreshed(families, first, KEY, NOW + 1, 0)
    assert outcome == "rotated"
    second = successor(first, KEY)
    assert second != first
    families, outcome = refreshed(families, second, KEY, NOW + 2, 0)
    assert outcome == "rotated"
    assert ends_at(families, second) == NOW + 2 + TOKEN_MS


def test_a_lost_answer_is_given_again() -> None:
    families, first = started()
    families, _ = refreshed(families, first, KEY, NOW, 0)
    again, outcome = refreshed(families, first, KEY, NOW + GRACE_MS, 0)
    assert (outcome, again) == ("repeated", families)
    assert refreshed(again, successor(first, KEY), KEY, NOW + GRACE_MS, 0)[1] == "rotated"


def test_an_old_one_ends_the_family_and_no_other() -> None:
    families, first = started()
    families = begun(families, token(1), NOW, 0)
    families, _ = refreshed(families, first, KEY, NOW, 0)
    families, outcome = refreshed(families, first, KEY, NOW + GRACE_MS + 1, 0)
    assert outcome == "reused"
    assert refreshed(families, successor(first, KEY), KEY, NOW + GRACE_MS + 1, 0)[1] == "unknown"
    assert refreshed(families, token(1), KEY, NOW, 0)[1] == "rotated"


def test_two_behind_ends_it_at_once() -> None:
    families, first = started()
    families, _ = refreshed(families, first, KEY, NOW, 0)
    families, _ = refreshed(families, successor(first, KEY), KEY, NOW, 0)
    assert refreshed(families, first, KEY, NOW, 0) == ((), "reused")


def test_a_guess_at_a_family_ends_it() -> None:
    families, first = started()
    guessed = Token(first.name, first.family, "x" * 43)
    assert refreshed(families, guessed, KEY, NOW, 0) == ((), "reused")
    assert refreshed(families, token(9), KEY, NOW, 0) == (families, "unknown")


def test_it_ends_by_itself() -> None:
    families, first = started()
    assert refreshed(families, first, KEY, NOW + TOKEN_MS, 0)[1] == "unknown"
    now, current = NOW, first
    while now + TOKEN_MS // 2 < NOW + FAMILY_MS:
        now += TOKEN_MS // 2
        families, outcome = refreshed(families, current, KEY, now, 0)
        assert outcome == "rotated"
        assert kept_ms(families, now) <= TOKEN_MS
        current = successor(current, KEY)
    assert refreshed(families, current, KEY, NOW + FAMILY_MS, 0)[1] == "unknown"


def test_a_changed_account_ends_all() -> None:
    families, first = started(3)
    assert refreshed(families, first, KEY, NOW, 4) == (families, "unknown")
    assert len(begun(families, token(1), NOW, 4)) == 1


def test_logins_are_bounded_and_the_idlest_gives_way() -> None:
    families: Families = ()
    for number in range(MAX_FAMILIES):
        families = begun(families, token(number), NOW + number, 0)
    families, _ = refreshed(families, token(0), KEY, NOW + 100, 0)
    families = begun(families, token(99), NOW + 101, 0)
    assert len(families) == MAX_FAMILIES
    assert {token(0).family, token(99).family} <= {each.id for each in families}
    assert token(1).family not in {each.id for each in families}


def test_a_logout_ends_one() -> None:
    families = begun(started()[0], token(1), NOW, 0)
    assert [each.id for each in ended(families, token())] == [token(1).family]


@pytest.mark.parametrize("text", [None, "", "{}", "[1]", '[{"id": "x"}]', "null"])
def test_what_is_no_family(text: str | None) -> None:
    assert families_of(text) == ()


@given(st.binary(min_size=12, max_size=12), st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_what_is_kept_holds_no_token(family: bytes, secret: bytes, key: bytes) -> None:
    made = new_token("lan", family, secret)
    kept = refreshed(begun((), made, NOW, 0), made, key, NOW, 0)[0]
    assert families_of(families_text(kept)) == kept
    assert made.secret not in families_text(kept)
    assert successor(made, key).secret not in families_text(kept)
    assert successor(made, key).secret != successor(made, b"other" + key).secret


class OwnerAndThief(RuleBasedStateMachine):
    """An honest page whose answers get lost, and a thief who copies its token at any moment.

    Whatever happens: once both have used tokens of the family, it ends before either goes on for long.
    """

    @initialize()
    def log_in(self) -> None:
        self.now = NOW
        self.families, self.owner = started()
        self.thief: Token | None = None
        self.thief_has_used = False
        self.owner_is_out = False

    def _come(self, with_token: Token) -> str:
        self.families, outcome = refreshed(self.families, with_token, KEY, self.now, 0)
        return outcome

    @rule(later_ms=st.integers(0, 3 * GRACE_MS))
    def wait(self, later_ms: int) -> None:
        self.now += later_ms

    @rule(is_lost=st.booleans())
    def the_page_refreshes(self, is_lost: bool) -> None:
        outcome = self._come(self.owner)
        if outcome in {"rotated", "repeated"}:
            assert not self.owner_is_out
            if is_lost:
                assert self._come(self.owner) == "repeated", "asked again at once, it gets the same"
            self.owner = successor(self.owner, KEY)
        else:
            assert self.thief_has_used, "an honest page alone never loses its login"
            self.owner_is_out = True

    @rule()
    def the_thief_copies(self) -> None:
        self.thief = self.owner

    @precondition(lambda self: self.thief is not None)
    @rule()
    def the_thief_refreshes(self) -> None:
        assert self.thief is not None
        outcome = self._come(self.thief)
        self.thief_has_used = True
        if outcome in {"rotated", "repeated"}:
            self.thief = successor(self.thief, KEY)

    @invariant()
    def one_family_at_most_with_one_good_token(self) -> None:
        if not hasattr(self, "families"):
            return
        assert len(self.families) <= 1
        if self.families and self.thief is not None and self.thief != self.owner:
            good = [each for each in (self.thief, self.owner) if each.digest == self.families[0].digest]
            assert len(good) <= 1, "two hands never hold two good tokens"


TestOwnerAndThief = OwnerAndThief.TestCase


def test_the_grace_outlasts_a_page_that_asks_again() -> None:
    assert refresh.GRACE_MS >= 3 * 5_000
