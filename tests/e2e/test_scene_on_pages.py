"""2 September through the pages alone: in Chromium, and with Firefox at the operator's desk and at the ward's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.scene_on_pages import COMMUNES, play_scene
from tests.harness.browser import Browsers
from tests.harness.firefox import Foxes
from tests.harness.south_service import start_south

pytestmark = [pytest.mark.browser, pytest.mark.service]


async def test_the_day_in_chromium(browsers: Browsers, tmp_path: Path) -> None:
    pictures = os.environ.get("SCENE_PICTURES")
    with start_south(tmp_path / "service", COMMUNES) as service:
        await play_scene(service, browsers, tmp_path, pictures=Path(pictures) if pictures else None)


async def test_the_day_with_firefox_at_two_desks(browsers: Browsers, foxes: Foxes, tmp_path: Path) -> None:
    with start_south(tmp_path / "service", COMMUNES) as service:
        await play_scene(service, browsers, tmp_path, foxes=foxes)
