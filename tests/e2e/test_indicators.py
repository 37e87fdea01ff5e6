"""Indicators against the real service: a file from the command line is on the console's page soon, and survives kill -9."""

import asyncio
import functools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.pages import ConsolePage
from tests.harness.browser import Browsers
from tests.harness.service import Service
from tests.harness.wait import until

WARDS = ("26740", "27286")
FIRST_VALUES = """() => [...document.querySelectorAll(".point-row")].slice(0, 3)
    .map((row) => [row.dataset.code, row.querySelector(".point-value").textContent])
    .filter(([, value]) => value !== "")"""
"""The first three points of the list with their values, those without left out."""
TABLE = f"unit;date;ca mới;vùng\n{WARDS[0]};2021-09-02;12;xanh\n{WARDS[1]};2021-09-02;150;đỏ\n79;2021-09-02;1,5;cam\n"


def import_file(service: Service, folder: Path, text: str) -> None:
    """Runs `diemcau indicators import`."""
    file = folder / "hai-chin.csv"
    file.write_text(text)
    command = [sys.executable, "-m", "cli.main", "indicators", "import", str(file), "--data-dir", str(service.data_dir)]
    subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL)


def values(service: Service, query: str = "") -> dict[str, object]:
    """What the service answers of the first indicator: unit → value."""
    status, text = service.get(f"/api/indicators/values?name=ca%20m%E1%BB%9Bi{query}", service.token("operator"))
    assert status == 200, text
    return {row["unit"]: row["value"] for row in json.loads(text)["units"]}


@pytest.mark.service
async def test_an_import_survives_the_death_of_every_process(service: Service, tmp_path: Path) -> None:
    await asyncio.to_thread(import_file, service, tmp_path, TABLE)
    await until("the values are told", lambda: values(service) == {WARDS[0]: 12, WARDS[1]: 150, "79": 1.5})
    for name in ("valkey", "signaling"):
        old = service.kill(name)
        await until(f"another {name}", functools.partial(service.is_replaced, name, old), within_s=40)
    await until("ready again", lambda: asyncio.to_thread(service.is_ready), within_s=30)
    await until("the values are told", lambda: values(service) == {WARDS[0]: 12, WARDS[1]: 150, "79": 1.5})


@pytest.mark.browser
@pytest.mark.service
async def test_an_indicator_beside_the_points(service: Service, browsers: Browsers, tmp_path: Path) -> None:
    await asyncio.to_thread(import_file, service, tmp_path, TABLE)
    await until("the values are told", lambda: values(service))  # a page asks for the names when it opens, and then every 30 s
    screen = await browsers.open("console", (30, 60, 160), 500)
    console = ConsolePage(screen, service, "operator")
    await console.open()
    page = screen.page
    await page.uncheck("#only-live")
    await page.select_option("#indicator", "ca mới")
    await page.wait_for_selector(".point-row.with-value")
    await page.select_option("#indicator-order", "down")

    async def shown(*expected: tuple[str, str]) -> None:
        async def is_so() -> bool:
            assert [tuple(row) for row in await screen.evaluate(FIRST_VALUES)] == list(expected)
            return True

        await until(f"the list shows {expected}", is_so)

    await shown((WARDS[1], "150"), (WARDS[0], "12"), ("79", "1,5"))
    await page.fill("#indicator-filter", "ca mới > 10 và vùng = đỏ")
    await page.click("#indicator-apply")
    await shown((WARDS[1], "150"))
    assert await page.locator(".point-row").count() == 1
    await page.fill("#indicator-filter", "ca mới >")
    await page.click("#indicator-apply")
    await page.wait_for_selector("#indicator-filter[aria-invalid=true]")
    assert "ký tự 9" in (await page.text_content("#indicator-state") or "")
    await page.select_option("#indicator", "")
    await page.wait_for_selector(".point-row:not(.with-value)")
