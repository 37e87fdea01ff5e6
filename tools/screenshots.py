"""Draws docs/images anew: the real pages, in a real browser, in front of the real service.

`make screenshots` plays 2 September through the pages (`tests/e2e/scene_on_pages.py`): a picture of each step comes into
docs/images/scene, and those that the README shows are among them. They are WebP, so that a checkout stays small. The service runs
on its own ports and in a folder of its own, and is ended afterwards.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Final

import cv2

from tests.e2e.scene_on_pages import COMMUNES, play_scene
from tests.harness.browser import start_browsers
from tests.harness.south_service import start_south

IMAGES: Final = Path(__file__).resolve().parents[1] / "docs" / "images" / "scene"
QUALITY: Final = 82
"""Of WebP: letters stay sharp, a picture has some 50 KB."""


def keep(drawn: Path, images: Path) -> int:
    """Replaces the pictures in `images` by those in `drawn`; how many bytes they have."""
    images.mkdir(parents=True, exist_ok=True)
    for old in images.glob("*.webp"):
        old.unlink()
    size = 0
    for path in sorted(drawn.glob("*.png")):
        picture = cv2.imread(str(path))
        if picture is None:
            raise RuntimeError(f"{path} is no picture")
        kept = images / f"{path.stem}.webp"
        cv2.imwrite(str(kept), picture, (cv2.IMWRITE_WEBP_QUALITY, QUALITY))
        size += kept.stat().st_size
    return size


async def draw(folder: Path) -> Path:
    """Plays the day once; the folder of its pictures."""
    drawn = folder / "pictures"
    drawn.mkdir()
    with start_south(folder / "service", COMMUNES) as service:
        async with start_browsers(folder, Path("test-results") / "screenshots") as browsers:
            await play_scene(service, browsers, folder, pictures=drawn)
    return drawn


def main() -> None:
    """The entry point."""
    with tempfile.TemporaryDirectory() as folder:
        size = keep(asyncio.run(draw(Path(folder))), IMAGES)
    print(f"drawn: {IMAGES}, {size // 1024} KB")


if __name__ == "__main__":
    main()
