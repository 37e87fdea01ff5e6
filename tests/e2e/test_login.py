"""Name and password against the real service: the page in a browser, the command line beside it, and kill -9."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from signaling.lockout import PAIR
from tests.harness.browser import Browsers
from tests.harness.service import ROOT, Service
from tests.harness.wait import until

PASSWORD = "mật khẩu của trung tâm"
NEW_PASSWORD = "một mật khẩu hoàn toàn khác"


def account(service: Service, *words: str, typed: str = "") -> str:
    """`diemcau account …` beside the running service; what it printed."""
    command = [sys.executable, "-m", "cli.main", "account", *words, "--data-dir", str(service.data_dir)]
    done = subprocess.run(command, input=typed, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def post(service: Service, path: str, **body: str) -> tuple[int, dict[str, Any]]:
    """Status and answer."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(service.base_url + path, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.browser
@pytest.mark.service
async def test_from_the_login_to_the_console_and_out(browsers: Browsers, service: Service) -> None:
    words = ("add", "trungtam", "--role", "center", "--scope", "VN", "--password-stdin")
    await asyncio.to_thread(account, service, *words, typed=PASSWORD + "\n")
    screen = await browsers.open("center", (200, 40, 40), 500)
    page = screen.page
    await screen.goto(f"{service.base_url}/console")
    await page.wait_for_url("**/login")
    await page.fill("#name", "TrungTam")
    await page.fill("#password", PASSWORD)
    await page.click("#enter button")
    await page.wait_for_selector("#line[data-line=live]")
    assert "#" not in page.url
    await page.reload()
    await page.wait_for_selector("#line[data-line=live]")
    await page.wait_for_selector("#line[data-media=live]")

    await page.click("#account")
    await page.wait_for_selector("#who")
    await page.fill("#present", PASSWORD)
    await page.fill("#next", NEW_PASSWORD)
    await page.fill("#again", NEW_PASSWORD)
    await page.click("#change button")
    await page.wait_for_selector("#message:has-text('Đã đổi mật khẩu')")
    await page.click("#console")
    await page.wait_for_selector("#line[data-line=live]")
    stored = await screen.evaluate("() => JSON.stringify([{...localStorage}, document.cookie])")
    assert "trungtam." not in stored, "the login is the tab's alone"
    await screen.assert_quiet()

    await asyncio.to_thread(account, service, "disable", "trungtam")
    await page.wait_for_url("**/login")
    await page.fill("#name", "trungtam")
    await page.fill("#password", NEW_PASSWORD)
    await page.click("#enter button")
    await page.wait_for_selector("#message:has-text('không đúng')")
    for secret in (PASSWORD, NEW_PASSWORD, "trungtam."):
        assert secret not in service.log_path.read_text()


@pytest.mark.service
async def test_kill_9_forgets_no_account_no_login_and_no_lock(service: Service) -> None:
    password = account(service, "add", "lan", "--role", "operator", "--scope", "79").strip()
    status, granted = post(service, "/api/login", name="lan", password=password)
    assert status == 200
    began_s = time.monotonic()
    for _ in range(5):
        assert post(service, "/api/login", name="nobody", password="sai mật khẩu")[0] == 401
    for child in ("valkey", "signaling"):
        service.kill(child)

    async def is_back() -> bool:
        return service.is_ready() and service.get("/api/directory", granted["access_token"])[0] == 200

    await until("the service is back", is_back, 60)
    tried = [post(service, "/api/login", name="nobody", password="sai mật khẩu")[0] for _ in range(2)]
    is_over = time.monotonic() - began_s > PAIR.first_lock_ms / 1000  # then the failures that are kept beget the next lock
    assert tried in ([429, 429], [401, 429] if is_over else [429, 429]), "the lock outlives both"
    status, again = post(service, "/api/refresh", refresh_token=granted["refresh_token"])
    assert status == 200
    assert post(service, "/api/login", name="lan", password=password)[0] == 200
    account(service, "password", "lan")

    async def is_out() -> bool:
        return service.get("/api/directory", again["access_token"])[0] == 401

    await until("the old tokens are refused", is_out)
    assert post(service, "/api/refresh", refresh_token=again["refresh_token"])[0] == 401
    changes = json.loads(service.get("/api/audit", service.token("center"))[1])["entries"]
    assert [entry["what"] for entry in changes] == ["account_changed", "account_made"]
    assert all(entry["by"] == "command line" for entry in changes)
