"""``/metrics``: the numbers of this process and of its media node, in a registry of their own.

Theory of operation. Nobody counts twice: every number lives where it is made (hub, pump, admission, errands) and is read
at the scrape through a :class:`Number`. The node's numbers are fetched at the scrape, with a short deadline; while it is
away ``diemcau_node_up`` is 0 and its numbers are absent.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric, UnknownMetricFamily
from prometheus_client.registry import Collector

from signaling.media import MediaError

NODE_TIMEOUT_S: Final = 1.0
MAX_NODE_NUMBERS: Final = 500
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,80}")


@dataclass(frozen=True, slots=True)
class Number:
    """One number and where it is read. A counter's name has no ``_total``; it is added."""

    name: str
    kind: Literal["gauge", "counter"]
    text: str
    read: Callable[[], float]


class _Numbers(Collector):
    def __init__(
        self, numbers: Iterable[Number], node: Mapping[str, float] | None, desk_check: Mapping[str, float] | None
    ) -> None:
        self._numbers = tuple(numbers)
        self._node, self._desk_check = node, desk_check

    def collect(self) -> Iterator[Metric]:
        for number in self._numbers:
            family = GaugeMetricFamily if number.kind == "gauge" else CounterMetricFamily
            yield family(f"diemcau_{number.name}", number.text, value=number.read())
        yield GaugeMetricFamily("diemcau_node_up", "Whether the media node answers.", value=float(self._node is not None))
        for name, value in list((self._node or {}).items())[:MAX_NODE_NUMBERS]:
            if _NAME.fullmatch(name):
                yield UnknownMetricFamily(f"diemcau_node_{name}", "As the media node tells it.", value=value)
        for name, value in (self._desk_check or {}).items():
            yield UnknownMetricFamily(f"diemcau_desk_check_{name}", "As the desk check tells it.", value=value)


async def _nobody() -> None:
    return None


class Metrics:
    """The route. ``node_stats`` raises MediaError while the node is away; ``desk_check`` gives None while that is."""

    def __init__(
        self,
        numbers: Iterable[Number],
        node_stats: Callable[[], Awaitable[Mapping[str, float]]],
        desk_check: Callable[[], Awaitable[Mapping[str, float] | None]] = _nobody,
    ) -> None:
        self._numbers = tuple(numbers)
        self._node_stats, self._desk_check = node_stats, desk_check

    async def handle(self, _request: web.Request) -> web.Response:
        """Answer a scrape."""
        return web.Response(body=await self.text(), headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})

    async def text(self) -> bytes:
        """The exposition."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Numbers(self._numbers, await self._node(), await self._desk_check()))
        return generate_latest(registry)

    async def _node(self) -> Mapping[str, float] | None:
        try:
            async with asyncio.timeout(NODE_TIMEOUT_S):
                return await self._node_stats()
        except (MediaError, TimeoutError):
            return None
