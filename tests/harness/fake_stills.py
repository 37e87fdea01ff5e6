"""Stills as the service gives them, made here: what a console's page does with them, tried without a desk that has a camera.

The tile of a point is of one colour, which `colour_of` knows; an answer is the head, its length before it, and the sheets.
"""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs, urlparse

import cv2
import numpy as np
from playwright.async_api import Page, Route

from tests.harness.webrtc import Rgb

COLUMNS, PER_SHEET = 16, 256
SMALL, LARGE = (64, 36), (160, 90)
BLACK, FROZEN, COVERED = 1, 2, 4


def colour_of(index: int, turn: int = 0) -> Rgb:
    """The colour of a point's tile; every tenth answer it is another one."""
    return 60 + index * 37 % 160, 60 + index * 61 % 160, 60 + (index * 17 + turn * 40) % 160


def answer(
    indexes: Sequence[int],
    number: int,
    version: str,
    tile: tuple[int, int] = SMALL,
    seen: Callable[[int], tuple[int, int]] = lambda _: (0, 0),
) -> bytes:
    """What the service answers when these points have new stills; `seen` gives a point's flags and chair."""
    width, height = tile
    now_ms = int(time.time() * 1000)
    sheets: list[bytes] = []
    stills: list[list[int]] = []
    for first in range(0, len(indexes), PER_SHEET):
        part = indexes[first : first + PER_SHEET]
        picture = np.zeros((-(-len(part) // COLUMNS) * height, COLUMNS * width, 3), np.uint8)
        for place, index in enumerate(part):
            y, x = place // COLUMNS * height, place % COLUMNS * width
            red, green, blue = colour_of(index, number // 10)
            picture[y : y + height, x : x + width] = (blue, green, red)
            stills.append([index, now_ms, *seen(index), len(sheets), place])
        sheets.append(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes())
    head = {"at": now_ms, "next": number + 1, "tile": tile, "columns": COLUMNS, "sheets": [len(sheet) for sheet in sheets]}
    text = json.dumps(head | {"stills": stills, "gone": [], "directory": version}).encode()
    return struct.pack(">I", len(text)) + text + b"".join(sheets)


class FakeStills:
    """Answers a page's questions for stills: everything at first, then a tenth of the points every second."""

    def __init__(self, indexes: Sequence[int], index_of: Callable[[str], int], version: str) -> None:
        self.indexes = list(indexes)
        self.flags: dict[int, int] = {}
        self.chairs: dict[int, int] = {}
        self.asked: list[str] = []
        """The newest questions; the address without its host."""
        self.colours: dict[int, Rgb] = {}
        """Of each point's tile in the newest answer for the whole wall that had it."""
        self._index_of = index_of
        self._version = version
        self._due: dict[bool, float] = {}
        """When a view is answered next: once a second, as the service does it."""

    async def serve(self, page: Page) -> None:
        """From now on the page's questions come here."""
        await page.route("**/api/sessions/*/stills?**", self._reply)

    def _seen(self, index: int) -> tuple[int, int]:
        return self.flags.get(index, 0), self.chairs.get(index, 0)

    async def _reply(self, route: Route) -> None:
        address = urlparse(route.request.url)
        self.asked = [*self.asked, f"{address.path}?{address.query}"][-100:]
        asked = parse_qs(address.query)
        after = int(asked["after"][0])
        view, now = ("points" in asked), asyncio.get_running_loop().time()
        due = self._due.get(view, now) if after else now
        self._due[view] = max(now, due) + 1.0
        await asyncio.sleep(due - now)
        if "points" in asked:
            wanted = {self._index_of(code) for code in asked["points"][0].split(",")}
            body = answer(sorted(wanted & set(self.indexes)), after, self._version, LARGE)
        else:
            part = self.indexes if after == 0 else self.indexes[after % 10 :: 10]
            body = await asyncio.to_thread(answer, part, after, self._version, SMALL, self._seen)
            self.colours |= {index: colour_of(index, after // 10) for index in part}
        await route.fulfill(body=body, content_type="application/octet-stream")
