"""The center's own screen: large and calm, whoever is on it, in both languages, without a mouse, and after its line was lost."""

from __future__ import annotations

import pytest

from tests.e2e.pages import CenterPage, PointPage, press_twice
from tests.harness.axe import assert_accessible
from tests.harness.browser import Browsers, Screen
from tests.harness.desks import WsConsole
from tests.harness.service import Service
from tests.harness.wait import until
from tests.harness.webrtc import is_near

pytestmark = [pytest.mark.browser, pytest.mark.service]

CENTER, CENTER_HZ = (200, 40, 40), 500
A, A_HZ, A_CODE = (40, 60, 200), 800, "26740"
B, B_HZ, B_CODE = (30, 160, 60), 1300, "00001"
OFFLINE_CODE, AGENDA_CODE = "00004", "00007"
FULL_HD, LAPTOP, WALL = (1920, 1080), (1366, 768), (3840, 2160)


async def text_of(screen: Screen, selector: str) -> str:
    return " ".join((await screen.page.text_content(selector) or "").split())


async def resize(screen: Screen, size: tuple[int, int]) -> None:
    await screen.page.set_viewport_size({"width": size[0], "height": size[1]})


SMALLEST_TEXT = """() => Math.min(...[...document.querySelectorAll(".hall *")]
    .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden")
        && [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ""))
    .map((each) => parseFloat(getComputedStyle(each).fontSize)))"""
"""In CSS pixels, of everything that is written on the screen."""

CONTRAST = """() => {
    const light = (colour) => {
        const parts = colour.match(/[0-9.]+/g).map(Number);
        if (parts.length > 3 && parts[3] === 0) return null;
        const linear = (part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        const [r, g, b] = parts.slice(0, 3).map((part) => linear(part / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found = [];
    for (const each of document.querySelectorAll(".hall *")) {
        const words = [...each.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
        if (words === "" || !each.checkVisibility()) continue;
        if (each.closest(".visually-hidden, [aria-disabled=true], :disabled")) continue;
        let ground = null;
        for (let up = each; up !== null && ground === null; up = up.parentElement) {
            ground = light(getComputedStyle(up).backgroundColor);
        }
        const ink = light(getComputedStyle(each).color);
        found.push([(Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05), words]);
    }
    return found.sort((a, b) => a[0] - b[0]);
}"""
"""The contrast ratio (WCAG 2.2, 1.4.6) of everything that is written, the least first."""


async def assert_readable(screen: Screen, size: tuple[int, int]) -> None:
    """Text of a 45th of the height at least, seven times as light as its ground, and nothing beyond the window."""
    await resize(screen, size)
    smallest = await screen.evaluate(SMALLEST_TEXT)
    assert smallest >= size[1] / 45, f"{smallest} px on {size}"
    contrast = await screen.evaluate(CONTRAST)
    assert contrast[0][0] >= 7, contrast[:3]
    room = await screen.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert room[0] <= size[0], room
    assert room[1] <= size[1], room
    buttons = await screen.evaluate(
        "() => [...document.querySelectorAll('button')].filter((each) => each.checkVisibility()).length"
    )
    assert buttons <= 5


async def test_the_meeting_as_the_chair_sees_it(browsers: Browsers, service: Service) -> None:
    center = CenterPage(await browsers.open("center", CENTER, CENTER_HZ, size=FULL_HD), service)
    screen, page = center.screen, center.screen.page
    a = PointPage(await browsers.open("A", A, A_HZ), service, A_CODE)
    b = PointPage(await browsers.open("B", B, B_HZ), service, B_CODE)
    await center.open()
    await center.tally("none")
    assert await text_of(screen, "#hall-own-state") == "Chưa phát"
    await assert_readable(screen, FULL_HD)
    await center.start()
    assert await text_of(screen, "#hall-own-state") == "Đang phát tới các điểm cầu"
    await screen.sees("#hall-self", CENTER)
    await a.join()
    await b.join()
    for point in (a, b):
        await point.screen.sees(point.MAIN, CENTER)
    await page.wait_for_function("() => document.querySelector('#hall-live strong').textContent === '2'")

    async with WsConsole(service, "operator") as console:
        call = await console.place_call(A_CODE)
        await center.tally("calling")
        assert "Phường Bến Nghé" in await text_of(screen, f"#hall-{call}")
        await a.answer()
        await center.tally("preview", within_s=30)
        await screen.sees(center.MAIN, A)
        await screen.hears(A_HZ)
        assert is_near(await b.screen.colour(b.MAIN), CENTER), "nobody but the center sees a preview"
        await console.command("take", call=call)
        await center.tally("on_air")
        assert "ĐANG PHÁT" in await text_of(screen, f"#hall-{call} .hall-tally")
        await page.wait_for_selector(f"#hall-{call}:has-text('Quận 1, Thành phố Hồ Chí Minh')")

        await console.command("set_agenda", items=[{"point": AGENDA_CODE, "subject": "Thiếu ô-xy y tế", "seconds": 180}])
        await page.wait_for_selector(f"#hall-next [data-point='{AGENDA_CODE}'][data-why=agenda]")
        await console.command("start_roll_call", seconds=60)
        await page.wait_for_selector("#hall-present")
        failed = await console.place_call(OFFLINE_CODE)
        await console.call_state(failed, "failed")
        await page.wait_for_selector("#line:has-text('Điểm cầu không kết nối')")
        for size in (FULL_HD, LAPTOP, WALL):
            await assert_readable(screen, size)
        await resize(screen, FULL_HD)
        await assert_accessible(screen)

        second = await console.place_call(B_CODE)
        await b.answer()
        await console.call_state(second, "preview", within_s=30)
        await page.wait_for_selector(f"#hall-next [data-point='{B_CODE}'][data-why=preview]")
        await console.command("take", call=second)
        await screen.sees(center.MAIN, B)
        await screen.sees(center.SECOND, A)
        await assert_readable(screen, LAPTOP)
        await console.command("end_call", call=second)
        await console.command("end_call", call=call)
        await center.tally("none")

    await page.click(".hall-language")
    assert "points connected" in await text_of(screen, "#hall-live")
    await assert_readable(screen, FULL_HD)
    await screen.assert_quiet()
    raw = await screen.evaluate("() => document.body.innerText.match(/\\\\b[a-z]+_[a-z_]+\\\\b/g)")
    assert raw is None, "a word that is nowhere"


async def test_a_screen_takes_the_camera_s_place_and_gives_it_back(browsers: Browsers, service: Service) -> None:
    screen = await browsers.open(
        "center",
        CENTER,
        CENTER_HZ,
        flags=("--auto-accept-this-tab-capture", "--auto-select-desktop-capture-source=Entire screen"),
    )
    center = CenterPage(screen, service)
    a = PointPage(await browsers.open("A", A, A_HZ), service, A_CODE)
    await center.open()
    await screen.evaluate(SCREEN_OF_ONE_COLOUR, "rgb(240, 200, 20)")
    await center.start()
    await a.join()
    await a.screen.sees(a.MAIN, CENTER)
    peers = len(await screen.connections())
    await screen.page.click("#center-screen")
    await a.screen.sees(a.MAIN, (240, 200, 20))
    await a.screen.hears(CENTER_HZ)
    await screen.page.wait_for_selector("[data-screen=yes]")
    assert await text_of(screen, "#hall-own-state") == "Đang chia sẻ màn hình"
    await screen.page.click("#center-screen")
    await a.screen.sees(a.MAIN, CENTER)
    await screen.page.wait_for_selector("[data-screen=no]")
    await screen.page.click("#center-screen")
    await a.screen.sees(a.MAIN, (240, 200, 20))
    await screen.evaluate("() => window.__endScreen()")  # the browser's own button, or the window that was shared is closed
    await a.screen.sees(a.MAIN, CENTER)
    assert len(await screen.connections()) == peers, "nothing was negotiated anew"
    await press_twice(screen.page, "#center-stop")
    await until("the camera is off", lambda: _no_device(screen))


async def _no_device(screen: Screen) -> bool:
    return await screen.live_devices() == []


SCREEN_OF_ONE_COLOUR = """(colour) => {
    navigator.mediaDevices.getDisplayMedia = async () => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 1920, height: 1080 });
        const paint = canvas.getContext("2d");
        let n = 0;
        const timer = setInterval(() => {
            paint.fillStyle = colour;
            paint.fillRect(0, 0, 1920, 1080);
            paint.fillStyle = "black";
            paint.fillRect(n++ % 1900, 1040, 20, 20);
        }, 50);
        const stream = canvas.captureStream(20);
        const [track] = stream.getVideoTracks();
        window.__endScreen = () => { clearInterval(timer); track.stop(); track.dispatchEvent(new Event("ended")); };
        return stream;
    };
}"""
"""A browser without a display has no screen to share: a drawn one stands for it."""


async def test_without_a_mouse(browsers: Browsers, service: Service) -> None:
    center = CenterPage(await browsers.open("center", CENTER, CENTER_HZ, size=LAPTOP), service)
    await center.open()
    page = center.screen.page
    for _ in range(4):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == "center-start":
            break
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".center[data-live=yes]")
    await page.focus("#center-mic")
    await page.keyboard.press("Space")
    await page.wait_for_selector("#center-mic[aria-pressed=true]")
    assert "Micrô đang tắt" in await text_of(center.screen, ".hall-own")
    await page.focus("#center-stop")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".center[data-live=no]")
    await until("the camera is off", lambda: _no_device(center.screen))


async def test_it_comes_back_by_itself(browsers: Browsers, service: Service) -> None:
    center = CenterPage(await browsers.open("center", CENTER, CENTER_HZ), service)
    await center.open()
    await center.start()
    old = service.kill("signaling")
    await until("signaling runs again", lambda: _is_replaced(service, old), within_s=30)
    await center.screen.page.wait_for_selector("#line[data-line=live]", timeout=30_000)
    await center.screen.page.wait_for_selector(".center[data-live=yes] #hall-own-state:text-is('Đang phát tới các điểm cầu')")


async def _is_replaced(service: Service, old: int) -> bool:
    return service.is_replaced("signaling", old)


async def test_without_a_token_one_is_asked_to_log_in(browsers: Browsers, service: Service) -> None:
    screen = await browsers.open("nobody", CENTER, CENTER_HZ)
    await screen.goto(f"{service.base_url}/center")
    await screen.page.wait_for_url("**/login**")
    await screen.page.wait_for_selector("#enter")
