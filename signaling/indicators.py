"""The indicators as this process knows them: a copy of what the store keeps, that follows it.

Theory of operation. The store keeps the imports, numbered; :class:`bridge.indicators.Indicators` is what they add up to.
:meth:`KeptIndicators.run` reads them all, then waits at the store for the next, so that an import by another process or by the
command line is known here at once. An own import is checked against all that came before and appended *after* the last one known;
when another process was faster, the store says so, and the import is checked again. While the store is away the last known
values are told; before its first answer nothing is known (``unavailable``).

A large import is taken over part by part, with others running in between: for those milliseconds its first days are told and the
others not yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from bridge.errors import BridgeError
from bridge.indicator_imports import IndicatorImport, import_of
from bridge.indicators import Indicators
from signaling.errors import ServiceError
from signaling.forwarding import backoff
from signaling.store import IndicatorsFull, Json, SequenceMismatch, Store, StoreError, StoreUnavailable

_log = structlog.get_logger(__name__)

WAIT_MS: Final = 30_000
"""How long one question to the store waits for the next import; its answer comes at once when there is one."""
ATTEMPTS: Final = 8
"""Other processes that may be faster, one after the other, before an import is refused as ``unavailable``."""


class KeptIndicators:
    """See the module's text. :meth:`run` must be running."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._state = Indicators()
        self._known = asyncio.Event()
        self._changing = asyncio.Lock()

    @property
    def is_known(self) -> bool:
        """Whether all imports of the store were read once."""
        return self._known.is_set()

    @property
    def state(self) -> Indicators:
        """What is known. Raises ``unavailable`` while nothing is."""
        if not self.is_known:
            raise ServiceError("unavailable", retry_after_s=1)
        return self._state

    async def wait_known(self) -> None:
        """Return when all was read once."""
        await self._known.wait()

    async def add(self, record: IndicatorImport) -> int:
        """Keep an import; its values are told here when this returns.

        Returns:
            its number.

        Raises:
            BridgeError: ``indicator_kind`` or ``indicators_full``: nothing is kept.
            StoreUnavailable: it may or may not be kept; the same again does no harm.
        """
        async with self._changing:
            for _ in range(ATTEMPTS):
                self._state.check(record)
                try:
                    number = await self._store.put_indicators(self._state.number, record.to_dict())
                except SequenceMismatch:
                    await self._catch_up()
                    continue
                except IndicatorsFull:
                    raise store_full() from None
                await self._take_over(number, record)
                return number
        raise StoreUnavailable("other processes import all the time")

    async def read_all(self) -> Indicators:
        """Read everything once, for those who do not follow."""
        async with self._changing:
            await self._catch_up()
        self._known.set()
        return self._state

    async def run(self) -> None:
        """Keep the copy up to date until cancelled."""
        attempt = 0
        while True:
            try:
                await self.read_all()
                attempt = 0
                await self._receive(await self._store.read_indicators(self._state.number, WAIT_MS))
            except StoreError as error:
                attempt += 1
                if attempt == 1:
                    _log.warning("indicators.not_followed", reason=type(error).__name__)
                await asyncio.sleep(backoff(attempt))

    async def _catch_up(self) -> None:
        while found := await self._store.read_indicators(self._state.number):
            for number, record in found:
                await self._take_kept(number, record)

    async def _receive(self, found: Sequence[tuple[int, Json]]) -> None:
        async with self._changing:
            for number, record in found:
                if number > self._state.number:  # an own import may have been taken over meanwhile
                    await self._take_kept(number, record)

    async def _take_kept(self, number: int, record: Json) -> None:
        """Take over an import of the store; one that another version wrote is left out, and the others count."""
        try:
            await self._take_over(number, import_of(record))
        except BridgeError as error:
            self._state.number = number
            _log.error("indicators.import_left_out", number=number, code=error.code)

    async def _take_over(self, number: int, record: IndicatorImport) -> None:
        for _ in self._state.steps(number, record):
            await asyncio.sleep(0)


def store_full() -> BridgeError:
    """Refuse an import because of all those that are kept already."""
    return BridgeError(
        "indicators_full",
        "Đã lưu hết mức các lần nhập chỉ số. Hãy bỏ các lần cũ bằng lệnh: diemcau indicators forget --before NGÀY.",
        "As many imports of indicators are kept as may be. Remove old ones: diemcau indicators forget --before DATE.",
        "user",
    )
