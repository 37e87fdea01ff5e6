"""How long somebody waits who guessed wrong: arithmetic of failed logins. Pure; ``now`` is milliseconds since the Unix epoch.

Theory of operation. Failures are counted three times over: of an account from one address (the *pair*), of an account from
everywhere, and of an address for every account. A try is counted **before** the password is looked at and taken back when it
was right, so that a hundred tries at the same moment are a hundred tries. After ``free`` failures every further one is
followed by a lock twice as long as the one before, up to the rule's last. While a lock lasts nothing is tried and nothing
counted, so retrying does not lengthen it; after an hour without a failure all is forgotten.

The trade. Whoever guesses from one address soon waits 15 minutes between guesses (120 a day) and locks nobody out
but those behind the same address. Guessing one account from many addresses, or many accounts from one, is met by the two wider
counts: after 50 failures at most one guess a minute. During such an attack the owner at an address never seen before
has to wait like the guesser, a minute at a time, and may lose that race; an address from which the account has logged in
within the last 30 days is not held by the wide counts at all. So nobody can lock an owner out of the usual desk.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Final

FORGET_MS: Final = 3600_000
"""A count without another failure for so long is forgotten."""
KNOWN_MS: Final = 30 * 24 * 3600_000
"""An address from which somebody logged in is known to the account for so long."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How many failures are free, and how long the first and the last lock are."""

    free: int
    first_lock_ms: int
    last_lock_ms: int

    def lock_ms(self, failures: int) -> int:
        """The lock that follows this many failures."""
        beyond = failures - self.free
        if beyond < 0:
            return 0
        return min(self.first_lock_ms << min(beyond, 32), self.last_lock_ms)


PAIR: Final = Rule(free=5, first_lock_ms=30_000, last_lock_ms=900_000)
WIDE: Final = Rule(free=50, first_lock_ms=5_000, last_lock_ms=60_000)


@dataclass(frozen=True, slots=True)
class Tries:
    """What is kept of one count."""

    failures: int = 0
    failed_at: int = 0
    known_until: int = 0
    """Of a pair: the account logged in from this address, and until when that counts."""

    def to_text(self) -> str:
        """What the store keeps."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def kept_ms(self, now: int) -> int:
        """For how long the store has to keep it; 0 when it says nothing."""
        forgotten_at = self.failed_at + FORGET_MS if self.failures else 0
        return max(0, forgotten_at - now, self.known_until - now)


def tries_of(text: str | None) -> Tries:
    """Read :meth:`Tries.to_text`; what nobody wrote, or somebody else, is a count of nothing."""
    try:
        stored = json.loads(text) if text is not None else {}
        numbers = [stored.get(name, 0) for name in ("failures", "failed_at", "known_until")]
    except (ValueError, AttributeError):
        return Tries()
    return Tries(*numbers) if all(type(number) is int and number >= 0 for number in numbers) else Tries()


def wait_ms(tries: Tries, now: int, rule: Rule) -> int:
    """How long until the next try; 0 when it may be made now.

    Never longer than the rule's lock, wherever a clock that was set has put the last failure.
    """
    lock_ms = rule.lock_ms(_counted(tries, now))
    return max(0, min(tries.failed_at + lock_ms - now, lock_ms))


def charged(tries: Tries, now: int) -> Tries:
    """Count a try as failed, before it is looked at; only when :func:`wait_ms` is 0."""
    return replace(tries, failures=_counted(tries, now) + 1, failed_at=now)


def refunded(tries: Tries) -> Tries:
    """Take a counted try back: the password was right. For the wide counts, which others' failures are in too."""
    return replace(tries, failures=max(0, tries.failures - 1))


def succeeded(now: int) -> Tries:
    """What is left of a pair's count after a login: nothing but that the address is known."""
    return Tries(known_until=now + KNOWN_MS)


def is_known(tries: Tries, now: int) -> bool:
    """Whether the account logged in from this address lately."""
    return now < tries.known_until


def _counted(tries: Tries, now: int) -> int:
    return tries.failures if abs(now - tries.failed_at) < FORGET_MS else 0
