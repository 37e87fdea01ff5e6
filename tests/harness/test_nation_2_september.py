"""Who takes part on 2 September is who it says."""

from tests.harness.nation_2_september import DISTRICT_4, HCMC, POINTS, PROVINCES, WARD_10, called_communes, south


def test_2594_points_in_19_provinces() -> None:
    directory = south()
    assert len(directory.points) == POINTS
    assert [unit.code for unit in directory.children("VN")] == list(PROVINCES)
    assert len(PROVINCES) == 19
    assert south() is directory


def test_ward_10_of_district_4_is_there_with_those_above_it() -> None:
    for directory in (south(), south(12)):
        path = [unit.code for unit in directory.path(WARD_10)]
        assert path == ["VN", HCMC, DISTRICT_4, WARD_10]
        assert directory.unit(WARD_10).name == "Phường 10"
        assert directory.unit(DISTRICT_4).name == "Quận 4"


def test_five_communes_of_three_provinces_are_called() -> None:
    for directory in (south(), south(12)):
        provinces = [directory.path(code)[1].name for code in called_communes()]
        assert provinces == ["Tỉnh Long An"] * 2 + ["Thành phố Hồ Chí Minh"] * 2 + ["Tỉnh Tiền Giang"]
    assert WARD_10 not in called_communes()


def test_in_small() -> None:
    kinds = [south(30).unit(point.unit).kind for point in south(30).points]
    assert kinds.count("commune") == 30
