"""The link sheets over HTTP: who gets them, how many points, and that the links in them are the present ones."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

import signaling.sheets_api
from signaling.auth import point_link
from tests.signaling.world import FAR_WARD, KEYS, ORIGIN, OTHER_WARD, WARD, World


async def words_of(pdf: bytes, folder: Path) -> str:
    path = folder / "sheets.pdf"
    path.write_bytes(pdf)
    command = ("pdftotext", "-layout", str(path), "-")
    done = await asyncio.to_thread(subprocess.run, command, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


async def test_the_links_of_a_unit_the_replaced_ones_as_they_are_now(world: World, tmp_path: Path) -> None:
    center = world.bearer("center", scope=("79",))
    rotated = await (await world.client.post(f"/api/points/{WARD}/rotate", headers=center)).json()
    answer = await world.client.get("/api/sheets?unit=773", headers=center)
    assert (answer.status, answer.content_type) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'filename="links-773.pdf"' in answer.headers["Content-Disposition"]
    words = await words_of(await answer.read(), tmp_path)
    assert rotated["link"] in words
    assert point_link(ORIGIN, KEYS.link_key, WARD) not in words
    assert point_link(ORIGIN, KEYS.link_key, OTHER_WARD) in words
    assert point_link(ORIGIN, KEYS.link_key, FAR_WARD) not in words


@pytest.mark.parametrize(
    ("role", "scope", "unit", "status"),
    [("center", "80", "773", 403), ("operator", "79", "773", 403), ("observer", "VN", "773", 403), ("center", "VN", "1", 404)],
)
async def test_who_does_not_get_them(world: World, role: str, scope: str, unit: str, status: int) -> None:
    answer = await world.client.get(f"/api/sheets?unit={unit}", headers=world.bearer(role, scope=(scope,)))
    assert answer.status == status


async def test_a_unit_too_large_is_to_be_printed_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signaling.sheets_api, "MAX_SHEET_POINTS", 5)
    answer = await world.client.get("/api/sheets?unit=VN", headers=world.bearer("center"))
    assert (answer.status, (await answer.json())["code"]) == (413, "too_large")
    assert "6" in (await answer.json())["message"]["vi"]
