"""What pages see of draws: a scope its own points."""

from bridge.draw_commands import DrawPoints
from bridge.draw_views import draw_view
from tests.bridge.scene import FAR, START, WARD, Scene, small_directory

DIRECTORY = small_directory()


def test_a_scope_sees_its_own_points_of_a_draw() -> None:
    scene = Scene()
    scene.place(WARD)
    scene.do(DrawPoints(2, ("VN",), (WARD, FAR), (), "5eed", "live", "center"))
    draw = scene.bridge.state.draws.kept["w1"]
    whole = draw_view(draw, DIRECTORY, ("VN",))
    assert whole is not None
    assert (whole["candidates"], whole["left_out"], whole["started_over"], whole["seed"]) == (2, 0, False, "5eed")
    assert whole["drawn"] == [
        {"place": 1, "point": FAR, "point_name": "Xã Long Hậu", "last_called": None},
        {"place": 2, "point": WARD, "point_name": "Phường 10", "last_called": START},
    ]
    own = draw_view(draw, DIRECTORY, ("773",))
    assert own is not None
    assert [row["place"] for row in own["drawn"]] == [2]  # type: ignore[attr-defined]
    scene.do(DrawPoints(1, ("80",), (FAR,), (), "5eed", "", "center"))
    assert draw_view(scene.bridge.state.draws.kept["w2"], DIRECTORY, ("79",)) is None
