"""A film for Chromium's camera that looks like somebody at a desk: who it is can be told by the colour of the shirt.

For pictures that people look at; the shirt fills the middle, so that `Sights.sees` reads its colour as of a plain film.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from demo.picture import Bgr, Pixels, write
from tests.harness.fake_devices import FRAMES_PER_S, HEIGHT, WIDTH
from tests.harness.webrtc import Rgb

SKIN: Bgr = (150, 182, 228)
HAIR: Bgr = (34, 32, 36)
DARK: Bgr = (52, 50, 54)
TABLE: Bgr = (58, 88, 128)
PLATE: Bgr = (40, 30, 120)
WHITE: Bgr = (245, 245, 245)


def draw_desk(colour: Rgb, plate: str, phase: float = 0.0) -> Pixels:
    """A person in a shirt of `colour` behind a desk with the name `plate` on it; blue, green, red, 640 × 360.

    Args:
        colour: of the shirt, which covers the middle fifth.
        plate: what stands on the name plate.
        phase: 0 to 1 of a slow nod, so that no two frames are the same.
    """
    wall = np.array((196, 204, 206)) * np.linspace(1.08, 0.86, HEIGHT)[:, None, None]
    image = np.ascontiguousarray(np.broadcast_to(wall, (HEIGHT, WIDTH, 3)).clip(0, 255).astype(np.uint8))
    cv2.rectangle(image, (40, 34), (168, 176), (232, 222, 204), -1)
    cv2.rectangle(image, (40, 34), (168, 176), (120, 128, 136), 6)
    cv2.line(image, (104, 34), (104, 176), (120, 128, 136), 4)
    cv2.rectangle(image, (488, 46), (600, 128), (150, 160, 120), -1)
    cv2.rectangle(image, (488, 46), (600, 128), DARK, 3)
    nod = round(3 * np.sin(phase * 2 * np.pi))
    cv2.ellipse(image, (320, 306), (158, 176), 0, 180, 360, colour[::-1], -1, cv2.LINE_AA)
    cv2.rectangle(image, (298, 104 + nod), (342, 136), (132, 162, 208), -1)
    cv2.ellipse(image, (320, 66 + nod), (50, 54), 0, 0, 360, HAIR, -1, cv2.LINE_AA)
    cv2.ellipse(image, (320, 78 + nod), (41, 50), 0, 0, 360, SKIN, -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.ellipse(image, (320 + side * 16, 72 + nod), (5, 4), 0, 0, 360, DARK, -1, cv2.LINE_AA)
    cv2.ellipse(image, (320, 100 + nod), (14, 5), 0, 0, 180, (90, 90, 170), 2, cv2.LINE_AA)
    cv2.rectangle(image, (0, 292), (WIDTH, HEIGHT), TABLE, -1)
    cv2.rectangle(image, (150, 300), (490, 348), PLATE, -1)
    write(image, plate, (168, 332), 22, WHITE, bold=True)
    return image


def write_desk(path: Path, colour: Rgb, plate: str) -> Path:
    """A Y4M film of one second of `draw_desk`."""
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_PER_S}:1 Ip A1:1 C420mpeg2\n".encode())
        for number in range(FRAMES_PER_S):
            image = draw_desk(colour, plate, number / FRAMES_PER_S)
            film.write(b"FRAME\n" + cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420).tobytes())
    return path
