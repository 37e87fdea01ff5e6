"""What another directory would change."""

from bridge.units import Directory, Point, Unit, one_point_each
from bridge.units_changes import UnitChange, changes_between, counted

PRESENT = [Unit("VN", "Việt Nam"), Unit("79", "TP HCM", "VN"), Unit("773", "Quận 4", "79"), Unit("1", "Phường 1", "773")]


def directory(units: list[Unit], *more: Point) -> Directory:
    return Directory(units, [*one_point_each(units), *more])


def test_the_same_directory_changes_nothing() -> None:
    assert list(changes_between(directory(PRESENT), directory(PRESENT))) == []
    assert set(counted([]).values()) == {0}


def test_every_kind_of_change_is_told_once() -> None:
    wanted = [
        Unit("VN", "Việt Nam"),
        Unit("79", "Thành phố Hồ Chí Minh", "VN", "province"),
        Unit("774", "Quận 5", "79"),
        Unit("1", "Phường 1", "774"),
    ]
    changes = list(changes_between(directory(PRESENT), directory(wanted, Point("774-2", "774", "Quận 5 (2)"))))
    assert changes == [
        UnitChange("renamed", "79", "Thành phố Hồ Chí Minh", "TP HCM", "Thành phố Hồ Chí Minh"),
        UnitChange("kind_changed", "79", "Thành phố Hồ Chí Minh", "", "province"),
        UnitChange("removed", "773", "Quận 4", before="79"),
        UnitChange("moved", "1", "Phường 1", "773", "774"),
        UnitChange("added", "774", "Quận 5", after="79"),
        UnitChange("point_removed", "773", "Quận 4", before="773"),
        UnitChange("point_added", "774", "Quận 5", after="774"),
        UnitChange("point_added", "774-2", "Quận 5 (2)", after="774"),
    ]
    assert counted(changes) == {
        "removed": 1, "added": 1, "moved": 1, "renamed": 1, "kind_changed": 1, "point_removed": 1, "point_added": 2,
    }  # fmt: skip
