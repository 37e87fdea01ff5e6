"""The directory: tree order, runs of neighbours, scopes, versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BridgeError
from bridge.units import NAME_MAX_CHARS, Directory, Point, Unit, fold, one_point_each
from tests.bridge.scene import FAR, OTHER, UNITS, WARD, small_directory

DIRECTORY = small_directory()


def test_points_follow_the_tree_and_the_country_has_none() -> None:
    assert [point.code for point in DIRECTORY.points] == ["79", "773", WARD, OTHER, "80", "801", FAR]
    assert DIRECTORY.index_of("79") == 0
    assert DIRECTORY.index_of(FAR) == 6
    assert not DIRECTORY.has_point("VN")
    assert DIRECTORY.has_unit("VN")


def test_units_given_in_any_order_are_in_tree_order() -> None:
    shuffled = Directory(reversed(UNITS), one_point_each(reversed(UNITS)))
    codes = [unit.code for unit in shuffled.units]
    for unit in shuffled.units:
        assert unit.parent is None or codes.index(unit.parent) < codes.index(unit.code)
    assert codes[0] == "VN"


def test_look_ups() -> None:
    assert DIRECTORY.unit("773").name == "Quận 4"
    assert DIRECTORY.point(WARD) == Point(WARD, WARD, "Phường 10")
    assert [unit.name for unit in DIRECTORY.path(WARD)] == ["Việt Nam", "Thành phố Hồ Chí Minh", "Quận 4", "Phường 10"]
    assert [unit.code for unit in DIRECTORY.path("VN")] == ["VN"]
    assert [unit.code for unit in DIRECTORY.children("VN")] == ["79", "80"]
    assert DIRECTORY.children(WARD) == ()
    assert [unit.code for unit in DIRECTORY.subtree("80")] == ["80", "801", FAR]
    assert [DIRECTORY.points[index].code for index in DIRECTORY.points_within("773")] == ["773", WARD, OTHER]
    assert DIRECTORY.points_within("VN") == range(7)


def test_what_is_not_there() -> None:
    for look in (DIRECTORY.unit, DIRECTORY.subtree, DIRECTORY.children, DIRECTORY.points_within):
        with pytest.raises(BridgeError) as refused:
            look("99")
        assert refused.value.code == "unknown_unit"
    for find in (DIRECTORY.point, DIRECTORY.index_of, DIRECTORY.path):
        with pytest.raises(BridgeError) as refused:
            find("99")
        assert refused.value.code == "unknown_point"


@pytest.mark.parametrize(
    ("code", "scope", "within"),
    [
        (WARD, ["VN"], True),
        (WARD, ["79"], True),
        (WARD, [WARD], True),
        (WARD, ["80"], False),
        (WARD, ["80", "773"], True),
        ("79", ["773"], False),
        (WARD, [], False),
        (WARD, ["99"], False),
        ("99", ["VN"], False),
        ("VN", ["VN"], True),
        ("VN", ["79"], False),
    ],
)
def test_scopes(code: str, scope: list[str], within: bool) -> None:
    assert DIRECTORY.is_within(code, scope) is within


def test_a_unit_may_have_several_desks() -> None:
    units = [Unit("A", "A"), Unit("B", "B", "A")]
    directory = Directory(units, [Point("B-2", "B", "B (2)"), Point("A", "A", "A"), Point("B", "B", "B")])
    assert [point.code for point in directory.points] == ["A", "B-2", "B"]
    assert [unit.code for unit in directory.path("B-2")] == ["A", "B"]
    assert directory.is_within("B-2", ["B"])
    assert directory.points_within("B") == range(1, 3)


def test_the_empty_directory() -> None:
    empty = Directory((), ())
    assert empty.points == ()
    assert empty.version != DIRECTORY.version


def test_the_version_changes_with_every_detail_and_only_then() -> None:
    assert small_directory().version == DIRECTORY.version
    renamed = [Unit(unit.code, unit.name + ("!" if unit.code == WARD else ""), unit.parent, unit.kind) for unit in UNITS]
    versions = {
        DIRECTORY.version,
        Directory(renamed, one_point_each(UNITS)).version,
        Directory(UNITS, one_point_each(UNITS)[:-1]).version,
        Directory(UNITS, ()).version,
    }
    assert len(versions) == 4
    assert all(len(version) == 16 for version in versions)


@pytest.mark.parametrize(
    ("units", "points", "code", "says"),
    [
        ([Unit("a b", "x")], [], "bad_identifier", "unit code"),
        ([Unit("A", "")], [], "bad_directory", "name"),
        ([Unit("A", " ")], [], "bad_directory", "name"),
        ([Unit("A", "x" * (NAME_MAX_CHARS + 1))], [], "bad_directory", "name"),
        ([Unit("A", "x"), Unit("A", "y")], [], "bad_directory", "twice"),
        ([Unit("A", "x", "B")], [], "bad_directory", "below B"),
        ([Unit("A", "x", "A")], [], "bad_directory", "superior"),
        ([Unit("R", "r"), Unit("A", "x", "B"), Unit("B", "y", "A")], [], "bad_directory", "superior"),
        ([Unit("A", "x")], [Point("A", "B", "p")], "bad_directory", "does not fit"),
        ([Unit("A", "x"), Unit("B", "y")], [Point("A", "B", "p")], "bad_directory", "does not fit"),
        ([Unit("A", "x")], [Point("A", "A", "p"), Point("A", "A", "q")], "bad_directory", "twice"),
        ([Unit("A", "x")], [Point("A/", "A", "p")], "bad_identifier", "point code"),
        ([Unit("A", "x")], [Point("A", "A", "")], "bad_directory", "name"),
    ],
)
def test_what_does_not_fit_together(units: list[Unit], points: list[Point], code: str, says: str) -> None:
    with pytest.raises(BridgeError) as refused:
        Directory(units, points)
    assert refused.value.code == code
    assert says in refused.value.message_en


def test_a_chain_of_any_depth() -> None:
    units = [Unit("u0", "0"), *(Unit(f"u{number}", str(number), f"u{number - 1}") for number in range(1, 5000))]
    directory = Directory(units, one_point_each(units))
    assert len(directory.path("u4999")) == 5000
    assert directory.is_within("u4999", ["u2500"])
    assert not directory.is_within("u2499", ["u2500"])


def test_one_point_each_leaves_out_a_single_top_only() -> None:
    two_tops = [Unit("A", "A"), Unit("B", "B"), Unit("C", "C", "A")]
    assert [point.code for point in one_point_each(two_tops)] == ["A", "B", "C"]
    assert [point.code for point in one_point_each(two_tops[:1])] == ["A"]
    assert [point.code for point in one_point_each([two_tops[0], two_tops[2]])] == ["C"]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Phường Bến Nghé", "phuong ben nghe"),
        ("  Đắk   Lắk ", "dak lak"),
        ("Huyện Côn Đảo", "huyen con dao"),
        ("Ủy ban Ư ơ", "uy ban u o"),
        ("Phu\u031b\u01a1\u0300ng", "phuong"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.lists(st.integers(0, 1_000_000), max_size=30))
def test_scopes_agree_with_climbing(picks: list[int]) -> None:
    """Whatever the tree: being within is the same as meeting the scope on the way up."""
    units = [Unit("u0", "top")]
    for number, pick in enumerate(picks, 1):
        units.append(Unit(f"u{number}", "n", f"u{pick % number}"))
    directory = Directory(units, [Point(unit.code, unit.code, "n") for unit in units])
    for low in directory.units:
        above = {unit.code for unit in directory.path(low.code)}
        for top in directory.units:
            assert directory.is_within(low.code, [top.code]) is (top.code in above)
            assert (directory.index_of(low.code) in directory.points_within(top.code)) is (top.code in above)


def test_the_units_above_a_point_upwards() -> None:
    assert DIRECTORY.units_above(WARD) == (WARD, "773", "79", "VN")
    assert DIRECTORY.units_above("79") == ("79", "VN")
    with pytest.raises(BridgeError):
        DIRECTORY.units_above("stranger")
