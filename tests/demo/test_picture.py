import numpy as np
import pytest

from demo.picture import CENTER_BGR, FIELD, GOLD, Painter, Scene, field_colour, write


@pytest.mark.parametrize(("width", "height"), [(640, 360), (1280, 720)])
def test_the_field_has_the_colour_of_the_scene_at_any_size(width: int, height: int) -> None:
    image = Painter(Scene("TRUNG TÂM", "thử", CENTER_BGR, GOLD, width, height)).paint(0.3, "08:00:00")
    assert image.shape == (height, width, 3)
    assert image.dtype == np.uint8
    assert all(abs(a - b) <= 2 for a, b in zip(field_colour(image), GOLD, strict=True))


def test_the_picture_moves_and_the_field_does_not() -> None:
    painter = Painter(Scene("Xã", "Huyện", (10, 90, 40), (200, 20, 20)))
    one, other = painter.paint(0.0, "08:00:00"), painter.paint(1.0, "08:00:00")
    assert np.abs(one.astype(int) - other).sum() > 10_000
    left, top, right, bottom = (round(part * size) for part, size in zip(FIELD, (640, 360, 640, 360), strict=True))
    assert (one[top:bottom, left:right] == other[top:bottom, left:right]).all()


def test_the_clock_is_written() -> None:
    painter = Painter(Scene("Xã", "Huyện", (10, 90, 40), (200, 20, 20)))
    assert (painter.paint(0.0, "08:00:00") != painter.paint(0.0, "11:11:11")).any()


def test_vietnamese_letters_leave_ink() -> None:
    blank = np.zeros((60, 400, 3), np.uint8)
    write(blank, "Phường Bến Nghé", (5, 40), 30, (255, 255, 255))
    assert blank.any()


def test_letters_that_differ_by_a_mark_are_drawn_differently() -> None:
    pictures = []
    for letter in "ờớơđd":
        image = np.zeros((60, 60, 3), np.uint8)
        write(image, letter, (10, 45), 40, (255, 255, 255))
        pictures.append(image)
    assert len({image.tobytes() for image in pictures}) == len(pictures)


def test_letters_have_their_colour_and_stand_on_the_baseline() -> None:
    image = np.zeros((80, 80, 3), np.uint8)
    write(image, "H", (10, 60), 40, (40, 90, 250), bold=True)
    inked = np.any(image, axis=2)
    assert image[inked].max(axis=0).tolist() == [40, 90, 250]
    rows = np.flatnonzero(np.any(inked, axis=1))
    assert 58 <= rows[-1] <= 60
    assert 24 <= rows[-1] - rows[0] <= 36


@pytest.mark.parametrize("origin", [(-20, 5), (70, 79), (-500, 20), (500, 500), (10, -50)])
def test_what_lies_beside_the_picture_is_not_written(origin: tuple[int, int]) -> None:
    image = np.zeros((80, 80, 3), np.uint8)
    write(image, "Phường", origin, 30, (255, 255, 255))
    assert image.shape == (80, 80, 3)
