"""Decoding, measuring and laying out, on drawn desks and on noise."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from demo.picture import Painter, Scene
from rehearsal.rooms import KINDS, jpegs_of
from stills import pictures
from stills.looks import BLACK, COVERED, FROZEN, Watch


def flags_of(stills: tuple[bytes, ...], count: int = 6) -> int:
    """What a point's badges are after so many of its stills."""
    watch, before = Watch(), None
    for number in range(count):
        quarter = pictures.decode_quarter(stills[number % len(stills)])
        assert quarter is not None
        grey = pictures.grey_of(quarter)
        watch.receive(pictures.look_at(grey, before))
        before = grey
    return watch.flags


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("kind", "flags"), [("person", 0), ("empty", 0), ("black", BLACK), ("frozen", FROZEN), ("covered", COVERED)]
)
def test_each_kind_of_desk_gets_its_badge_and_no_other(kind: str, flags: int, seed: int) -> None:
    assert flags_of(jpegs_of(kind, seed)) == flags  # type: ignore[arg-type]


def test_the_simulated_cameras_of_the_demo_have_no_badge() -> None:
    painter = Painter(Scene("Xã An Phú", "Quận 4", (60, 90, 40), (200, 30, 30), 320, 180))
    stills = tuple(pictures.encode_still(painter.paint(at, f"10:00:{at:02d}")) for at in (0, 11, 22, 33))
    assert flags_of(stills) == 0


@pytest.mark.parametrize("noise", [0.5, 1.0, 3.0, 8.0])
def test_a_still_room_before_a_camera_with_noise_is_not_frozen(noise: float) -> None:
    dice = np.random.default_rng(7)
    room = pictures.decode_whole(jpegs_of("empty", 3)[0])
    assert room is not None
    stills = tuple(
        pictures.encode_still((room + dice.normal(0, noise, room.shape)).clip(0, 255).astype(np.uint8)) for _ in range(6)
    )
    assert flags_of(stills) == 0


@pytest.mark.parametrize("noise", [0.5, 3.0, 8.0])
def test_a_covered_lens_with_a_shadow_on_it_is_covered_whatever_the_noise(noise: float) -> None:
    dice = np.random.default_rng(9)
    y, x = np.mgrid[0:180, 0:320]
    shade = 90 + (x - 160) * 0.25 + (y - 90) * 0.35
    stills = tuple(
        pictures.encode_still((shade[..., None] + dice.normal(0, noise, (180, 320, 3))).clip(0, 255).astype(np.uint8))
        for _ in range(4)
    )
    assert flags_of(stills) == COVERED


def test_the_three_sizes() -> None:
    still = jpegs_of("person", 1)[0]
    quarter, half, whole = pictures.decode_quarter(still), pictures.decode_half(still), pictures.decode_whole(still)
    assert quarter is not None
    assert half is not None
    assert whole is not None
    assert (quarter.shape, half.shape, whole.shape) == ((45, 80, 3), (90, 160, 3), (180, 320, 3))
    assert pictures.tile_of(quarter).shape == (36, 64, 3)
    small = cv2.resize(whole, (64, 36), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - pictures.tile_of(quarter)).mean() < 6


def test_what_cannot_be_decoded_is_none() -> None:
    good = jpegs_of("empty", 1)[0]
    for data in (b"", b"\xff\xd8\xff\xd9", good[:200], pictures.encode_still(np.zeros((90, 160, 3), np.uint8))):
        assert pictures.decode_quarter(data) is None
        assert pictures.decode_whole(data) is None


def test_an_orientation_in_the_picture_turns_nothing() -> None:
    good = jpegs_of("empty", 1)[0]
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
    turned = good[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif + good[2:]
    found = pictures.decode_quarter(turned)
    assert found is not None
    assert found.shape == (45, 80, 3)


@pytest.mark.parametrize("count", [1, 16, 17, 256])
def test_a_sheet_has_each_tile_at_its_place(count: int) -> None:
    dice = np.random.default_rng(2)
    colours = dice.integers(0, 255, (count, 3))
    tiles = np.broadcast_to(colours[:, None, None, :], (count, 36, 64, 3)).astype(np.uint8)
    sheet = cv2.imdecode(np.frombuffer(pictures.sheet_of(tiles), np.uint8), cv2.IMREAD_COLOR)
    assert sheet is not None
    assert sheet.shape == (-(-count // 16) * 36, 16 * 64, 3)
    for place, colour in enumerate(colours):
        row, column = divmod(place, 16)
        middle = sheet[row * 36 + 12 : row * 36 + 24, column * 64 + 20 : column * 64 + 44].reshape(-1, 3).mean(axis=0)
        assert np.abs(middle - colour).max() < 12


def test_movement_is_somebody_who_comes_and_not_noise() -> None:
    def small(still: bytes) -> pictures.Pixels:
        quarter = pictures.decode_quarter(still)
        assert quarter is not None
        return pictures.small_grey_of(pictures.grey_of(quarter))

    empty, taken = jpegs_of("empty", 4), jpegs_of("person", 4)
    assert not pictures.has_moved(small(empty[0]), small(empty[1]))
    assert pictures.has_moved(small(empty[0]), small(taken[0]))


def test_every_kind_of_drawn_desk_is_tested_above() -> None:
    assert set(KINDS) == {"person", "empty", "black", "frozen", "covered"}
