import json

import pytest

from demo.cast import NATIONAL_CAST, OPEN_SEAT, Character, Part, Play


def play_of(count: int) -> Play:
    parts = tuple(Part(f"{i:05}", f"secret{i}", f"Xã {i}", "Huyện", Character.SLOW, i) for i in range(count))
    return Play("http://127.0.0.1:8080", "main", "token", parts)


def test_a_play_travels_as_json() -> None:
    play = play_of(3)
    assert Play.from_json(json.loads(json.dumps(play.to_json()))) == play


@pytest.mark.parametrize(
    "damage",
    [
        {"parts": [{"code": "1"}]},
        {"parts": [{"code": "1", "secret": "s", "name": "n", "character": "nobody"}]},
        {"parts": None},
        {"more": 1},
    ],
)
def test_what_is_no_play_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not a play|is not a valid"):
        Play.from_json(play_of(1).to_json() | damage)


def test_splitting_loses_nobody_and_gives_the_center_once() -> None:
    shares = play_of(7).split(3)
    assert [len(share.parts) for share in shares] == [3, 2, 2]
    assert {part.code for share in shares for part in share.parts} == {part.code for part in play_of(7).parts}
    assert [share.center_token for share in shares] == ["token", "", ""]


def test_points_can_be_told_apart() -> None:
    colours = [part.colour_bgr for part in play_of(24).parts]
    assert len(set(colours)) == 24
    assert all(max(colour) - min(colour) > 60 for colour in colours), "a grey one"


def test_the_cast_has_two_dozen_and_each_behaviour() -> None:
    assert len(NATIONAL_CAST) == 24
    assert set(NATIONAL_CAST.values()) == set(Character)
    assert OPEN_SEAT not in NATIONAL_CAST
