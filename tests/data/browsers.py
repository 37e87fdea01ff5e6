"""Two real browsers, for captures and for tests: Chromium through Playwright, Firefox through WebDriver BiDi.

Each gives a function that evaluates an expression in a page and returns its value; promises are awaited.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import async_playwright

Evaluate = Callable[[str], Awaitable[Any]]

CHROMIUM = "/usr/bin/chromium"

CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Evaluate]:
    """A page of a fresh Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        try:
            page = await browser.new_page()
            await page.goto("chrome://version")  # a secure context, which cameras ask for
            yield page.evaluate
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def firefox(profile: Path) -> AsyncIterator[Evaluate]:
    """A page of a fresh Firefox with its profile in an empty folder."""
    process = await asyncio.create_subprocess_exec(
        "firefox-esr",
        *("--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", str(profile)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        address = ""
        async with asyncio.timeout(60):
            async for line in process.stderr:
                if match := re.search(rb"WebDriver BiDi listening on (ws://\S+)", line):
                    address = match[1].decode()
                    break
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{address}/session") as socket:

            async def command(method: str, **parameters: object) -> Any:
                await socket.send_json({"id": 1, "method": method, "params": parameters})
                async with asyncio.timeout(30):
                    while True:
                        message = await socket.receive_json()
                        if message.get("id") == 1:
                            assert message["type"] == "success", message
                            return message["result"]

            await command("session.new", capabilities={})
            tree = await command("browsingContext.getTree")
            target = {"context": tree["contexts"][0]["context"]}

            async def evaluate(expression: str) -> Any:
                answer = await command("script.evaluate", expression=expression, target=target, awaitPromise=True)
                assert answer["type"] == "success", answer
                return answer["result"]["value"]

            yield evaluate
            await command("session.end")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()
