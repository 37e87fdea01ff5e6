"""Who stays away is not brought; the others answer."""

from tests.harness.crowd_2_september import cast
from tests.harness.nation_2_september import DISTRICT_4, POINTS, WARD_10


def test_all_but_those_whose_pages_somebody_opens() -> None:
    scripts = cast(frozenset({WARD_10, DISTRICT_4}))
    assert len(scripts) == POINTS - 2
    assert scripts.keys().isdisjoint({WARD_10, DISTRICT_4})
    assert {script.ring for script in scripts.values()} == {"answer"}
