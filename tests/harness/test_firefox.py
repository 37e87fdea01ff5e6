"""The harness itself: a stock Firefox has a camera and a microphone, and is clicked, typed into and looked at as Chromium is."""

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.harness.axe import assert_accessible
from tests.harness.firefox import Foxes
from tests.harness.test_browser import PAGE
from tests.harness.wait import until

pytestmark = pytest.mark.browser

FORM = """<!doctype html><html lang="en"><title>form</title><link rel="icon" href="data:,"><main><h1>Form</h1>
<label>Name <input id="name"></label> <button id="ok">OK</button><p id="said"></p></main><script type="module">
const $ = (selector) => document.querySelector(selector);
$("#ok").onclick = () => { $("#said").textContent = $("#name").value };
addEventListener("keydown", (event) => { if (event.shiftKey && event.key === "Enter") document.title = "both" });
</script></html>"""


async def serve(page: str) -> TestServer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", answer)
    server = TestServer(app)
    await server.start_server()
    return server


async def test_it_films_hears_and_shows(foxes: Foxes) -> None:
    server = await serve(PAGE)
    screen = await foxes.open("loop")
    await screen.goto(str(server.make_url("/")))
    await until("it shows its camera", lambda: screen.colour("#picture"), 20)
    await screen.hears_something()
    assert sorted(await screen.live_devices()) == ["audio", "video"]
    assert [each["negotiations"] for each in await screen.connections()] == [1, 1]
    await screen.assert_quiet()
    await server.close()


async def test_it_is_clicked_typed_into_and_looked_at(foxes: Foxes, tmp_path: Path) -> None:
    server = await serve(FORM)
    screen = await foxes.open("form", size=(400, 300))
    await screen.goto(str(server.make_url("/")))
    await screen.page.fill("#name", "Phường 10")
    await screen.page.click("#ok")
    assert await screen.evaluate("() => document.querySelector('#said').textContent") == "Phường 10"
    await screen.page.keyboard.press("Shift+Enter")
    await screen.page.wait_for_function("(title) => document.title === title", arg="both", timeout=15_000)
    await screen.page.screenshot(path=tmp_path / "form.png")
    assert (tmp_path / "form.png").read_bytes().startswith(b"\x89PNG")
    await assert_accessible(screen)
    with pytest.raises(AssertionError, match="nowhere"):
        await screen.page.wait_for_selector("#nowhere", timeout=200)
    await server.close()
