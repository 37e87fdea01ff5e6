"""Counters of a scope: what it may see of a question, and nothing of its neighbours."""

from bridge.asking import Presence, Tally, points_asked
from bridge.asking_views import counts_view, points_in, tally_view
from bridge.directives import Directive
from tests.bridge.scene import FAR, OTHER, START, WARD, small_directory

DIRECTORY = small_directory()


def asked(*units: str) -> Directive:
    directive = Directive("d1", "center", units, START, START + 1)
    directive.ask(points_asked(DIRECTORY, units), (WARD,), DIRECTORY)
    return directive


def test_a_scope_sees_where_it_meets_the_question() -> None:
    directive = asked("VN")
    directive.confirm(FAR, START, "Lan", "", DIRECTORY)
    district = counts_view(directive, DIRECTORY, ("773",), tally_view)
    assert district is not None
    assert district["total"] == {"asked": 3, "present": 0, "late": 0, "no_answer": 1, "offline": 2}
    whole = counts_view(directive, DIRECTORY, ("VN",), lambda tally: {"missing": tally.missing})
    assert whole is not None
    assert whole["units"] == [
        {"unit": "79", "name": "Thành phố Hồ Chí Minh", "missing": 4},
        {"unit": "80", "name": "Tỉnh Long An", "missing": 2},
    ]
    assert counts_view(asked("80"), DIRECTORY, ("79",), tally_view) is None


def test_the_points_of_some_units_in_some_states() -> None:
    directive = asked("VN")
    directive.confirm(WARD, START, "Lan", "", DIRECTORY)
    waiting = points_in(directive, DIRECTORY, ("773", "773", "99"), frozenset({Presence.WAITING}))
    assert [point.code for point in waiting] == ["773", OTHER]
    assert Tally(asked=1).missing == 1


def test_the_missing_are_those_it_reached_and_those_it_did_not() -> None:
    directive, still = asked("VN"), frozenset({Presence.WAITING})
    directive.confirm(OTHER, START, "Lan", "", DIRECTORY)
    everyone = [point.code for point in points_in(directive, DIRECTORY, ("VN",), still)]
    reached = [point.code for point in points_in(directive, DIRECTORY, ("VN",), still, reached=True)]
    unreached = [point.code for point in points_in(directive, DIRECTORY, ("VN",), still, reached=False)]
    assert reached == [WARD]
    assert sorted(reached + unreached) == sorted(everyone)
    assert (len(reached), len(unreached)) == (directive.total.silent, directive.total.unreached)
