"""Who may try: addresses, the buckets in front of every door, and the count of wrong credentials.

What each door asks before it makes anything: does the address have a token left, is the credential good, does everybody
together have a token left. Only good credentials reach the shared bucket, so a sprayer without one cannot use it up.

Wrong credentials are counted by address and then answered with a time to wait. A good one is let in all the same: a whole
district may sit behind one address, or all of them behind a proxy, and one desk with an old link must not lock the others out.
(Guessing is hopeless in any case: secrets and signatures have 128 bits and more.)
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Iterable
from typing import NoReturn, Protocol

from signaling.buckets import Bucket, KeyedBuckets
from signaling.errors import ServiceError

_IPV6_SITE_BITS = 64
"""One household or office has a /64 (RFC 6177 §2): its addresses share a bucket, or one machine would have 2^64 of them."""


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
    def bad_credentials_per_address_per_min(self) -> int: ...  # noqa: D102


class Admission:
    """The buckets of one kind of door: WebSockets have one of these, media joins another. ``refused`` counts by reason."""

    def __init__(self, limits: JoinLimits, clock: Callable[[], float], bad: KeyedBuckets | None = None) -> None:
        per_min = limits.bad_credentials_per_address_per_min
        self._clock = clock
        self.bad_credentials = bad if bad is not None else KeyedBuckets(per_min / 60.0, per_min)
        self._everybody = Bucket(limits.joins_per_s, limits.joins_burst, clock())
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
        self._refuse_when(self._addresses.take(address, self._clock()))

    def enter(self) -> None:
        """After a good credential, before anything is made for it: spend one of everybody's. Raises ``too_many``."""
        self._refuse_when(self._everybody.take(self._clock()))

    def _refuse_when(self, wait_s: float) -> None:
        if wait_s > 0:
            self.refused += 1
            raise ServiceError("too_many", retry_after_s=math.ceil(wait_s))


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
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address


def _key(address: _Address | None) -> str:
    if address is None:
        return "unknown"  # a Unix socket has no address: all its clients share one bucket
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_SITE_BITS), strict=False))
    return str(address)
