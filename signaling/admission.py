"""Who may try: addresses, the buckets in front of every door, and the count of wrong credentials.

What each door asks before it makes anything: does the address have a token left, is the credential good, does everybody
together have a token left. Only good credentials reach the shared bucket, so a sprayer without one cannot use it up. Who leads
(a console, a point that is being called) has a few tokens aside when the country has used up the others.

Everybody's door is narrower while the event loop lags, and closed while the media node has said that it is full
(:meth:`Admission.close_for`). Who is refused is told when to come back, one after the other
(:mod:`signaling.return_times`).

Wrong credentials are counted by address and then answered with a time to wait. A good one is let in all the same: a whole
district may sit behind one address, or all of them behind a proxy, and one desk with an old link must not lock the others out.
(Guessing is hopeless in any case: secrets and signatures have 128 bits and more.)
"""

from __future__ import annotations

import ipaddress
import math
import random
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, NoReturn, Protocol

from signaling.buckets import Bucket, KeyedBuckets
from signaling.errors import ServiceError

_IPV6_SITE_BITS = 64
"""One household or office has a /64 (RFC 6177 §2): its addresses share a bucket, or one machine would have 2^64 of them."""

_ADDRESS_CHARS: Final = 100
"""More than the longest IPv6 address with a zone of an interface's name has."""
LEADERS_SHARE: Final = 0.1
"""Tokens set aside for those who lead, in parts of everybody's: at 400 joins a second, 40 consoles and called points."""
LAG_SHARE: Final = 0.25
"""What is let in while the loop lags, in parts of everybody's rate. Not nothing: refusals alone can make it lag, and a flood of
those would keep everybody out."""
RESTART_S: Final = 1.0
"""Nobody comes back sooner: a process that is started again serves after a second at best."""
LAG_WAIT_S: Final = 1.0
"""A loop that lags has caught up by then, or refuses again."""


class JoinLimits(Protocol):
    """The part of the settings that this module reads."""

    @property
    def joins_per_s(self) -> float: ...  # noqa: D102
    @property
    def joins_burst(self) -> int: ...  # noqa: D102
    @property
    def joins_per_address_per_s(self) -> float: ...  # noqa: D102
    @property
    def joins_per_address_burst(self) -> int: ...  # noqa: D102
    @property
    def joins_lag_s(self) -> float: ...  # noqa: D102
    @property
    def bad_credentials_per_address_per_min(self) -> int: ...  # noqa: D102


class Admission:
    """The buckets of one kind of door: WebSockets have one of these, media joins another. ``refused`` counts by reason.

    Args:
        limits: see :class:`config.model.Limits`.
        clock: monotonic seconds.
        bad: the counts of wrong credentials, where doors share them.
        lag_s: how late the event loop is now, in seconds.
        luck: 0 ≤ luck < 1, for spreading those who are refused.
    """

    def __init__(
        self,
        limits: JoinLimits,
        clock: Callable[[], float],
        bad: KeyedBuckets | None = None,
        *,
        lag_s: Callable[[], float] = lambda: 0.0,
        luck: Callable[[], float] = random.random,
    ) -> None:
        per_min = limits.bad_credentials_per_address_per_min
        rate_per_s, burst = limits.joins_per_s, limits.joins_burst
        self._clock = clock
        self._lag_s = lag_s
        self._most_lag_s = limits.joins_lag_s
        self._luck = luck
        self._closed_until_s = -math.inf
        self.bad_credentials = bad if bad is not None else KeyedBuckets(per_min / 60.0, per_min)
        self._everybody = Bucket(rate_per_s, burst, clock())
        self._leaders = Bucket(rate_per_s * LEADERS_SHARE, max(1.0, burst * LEADERS_SHARE), clock())
        self._lagging = Bucket(rate_per_s * LAG_SHARE, max(1.0, rate_per_s * LAG_SHARE * 0.1), clock())
        self._addresses = KeyedBuckets(limits.joins_per_address_per_s, limits.joins_per_address_burst)
        self.refused = 0

    @property
    def forgotten(self) -> int:
        """Addresses whose bucket was dropped while it still held something back."""
        return self._addresses.forgotten

    def refuse(self, address: str) -> NoReturn:
        """After a wrong credential. Raises ``bad_credential``, or ``bad_credential_limit`` when there were too many."""
        wait_s = self.bad_credentials.take(address, self._clock())
        if wait_s > 0:
            raise ServiceError("bad_credential_limit", retry_after_s=math.ceil(wait_s))
        raise ServiceError("bad_credential")

    def knock(self, address: str) -> None:
        """Spend one of the address's tokens. Raises ``too_many`` with the seconds to wait."""
        now = self._clock()
        if self._addresses.take(address, now) > 0:
            self._refuse(self._addresses.return_s(address, now, self._luck()))

    def enter(self, *, leads: bool = False) -> None:
        """After a good credential, before anything is made for it: spend one of everybody's. Raises ``too_many``.

        Args:
            leads: a console, or a point that is being called: neither a lag nor the others' number keeps it out.
        """
        now = self._clock()
        if leads:
            if self._everybody.take(now) > 0 and self._leaders.take(now) > 0:
                self._refuse(self._leaders.return_s(now, self._luck()))
            return
        if (closed_s := self._closed_until_s - now) > 0:
            self._refuse(self.return_s(closed_s))
        if self._lag_s() > self._most_lag_s and self._lagging.take(now) > 0:
            self._refuse(self.return_s(LAG_WAIT_S))
        if self._everybody.take(now) > 0:
            self._refuse(self.return_s())

    def close_for(self, seconds: float) -> None:
        """What stands behind the door is full: let nobody in for so long, except those who lead."""
        self._closed_until_s = max(self._closed_until_s, self._clock() + seconds)

    def return_s(self, least_s: float = 0.0) -> float:
        """In how many seconds, ``least_s`` at least, the next refused one shall come back; each call is a place in the row."""
        return self._everybody.return_s(self._clock(), self._luck(), least_s)

    def restart_s(self) -> float:
        """In how many seconds the next one shall come back to a process that ends now; each call is a place in the row."""
        return self.return_s(RESTART_S)

    def _refuse(self, wait_s: float) -> NoReturn:
        self.refused += 1
        raise ServiceError("too_many", retry_after_s=round(wait_s, 3))


class Addresses:
    """Finds the client's address behind trusted proxies."""

    def __init__(self, trusted_proxies: Iterable[str]) -> None:
        self._trusted = tuple(ipaddress.ip_network(proxy, strict=False) for proxy in trusted_proxies)

    def of(self, remote: str | None, forwarded_for: str | None) -> str:
        """Return the key under which a client is counted.

        ``X-Forwarded-For`` is believed from the right as long as the hop that wrote it is trusted: what the client itself
        put there stands further left and is never reached.
        """
        address = _parse(remote)
        for hop in reversed((forwarded_for or "").split(",")):
            if address is None or not any(address in network for network in self._trusted):
                break
            before = _parse(hop.strip())
            if before is None:
                break
            address = before
        return _key(address)


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _parse(text: str | None) -> _Address | None:
    return _parse_short(text) if text is not None and len(text) <= _ADDRESS_CHARS else None


@lru_cache(maxsize=4096)
def _parse_short(text: str) -> _Address | None:
    """Remembered, since it is a tenth of a refusal: a proxy or a NAT is the same address ten thousand times."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address


def _key(address: _Address | None) -> str:
    if address is None:
        return "unknown"  # a Unix socket has no address: all its clients share one bucket
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_SITE_BITS), strict=False))
    return str(address)
