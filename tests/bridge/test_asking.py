"""What roll calls and directives share, on a directive: who answered, and the counters of every unit above."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.asking import AbsenceCause, Presence, points_asked
from bridge.directives import Directive
from bridge.rollcall import RollCall
from tests.bridge.scene import FAR, OTHER, START, WARD, small_directory

DIRECTORY = small_directory()
POINTS = points_asked(DIRECTORY, ("VN",))


def test_a_roll_call_and_a_directive_count_alike() -> None:
    roll_call = RollCall("r1", "center", ("VN",), START, START + 1)
    directive = Directive("d1", "center", ("VN",), START, START + 1)
    for asking in (roll_call, directive):
        asking.ask(POINTS, (WARD,), DIRECTORY)
        asking.confirm(WARD, START, "Lan", "", DIRECTORY)
    roll_call.close(START + 1, "clock")
    directive.expire(START + 1)
    for asking in (roll_call, directive):
        asking.confirm(FAR, START + 2, "Ba", "", DIRECTORY)
        assert (asking.presence(WARD), asking.presence(FAR)) == (Presence.PRESENT, Presence.LATE)
        assert (asking.presence(OTHER), asking.cause(OTHER)) == (Presence.ABSENT, AbsenceCause.OFFLINE)
    assert roll_call.answers_plain() == directive.answers_plain()


@given(st.lists(st.tuples(st.sampled_from(["reach", "confirm"]), st.sampled_from(POINTS)), max_size=20), st.integers(0, 20))
def test_the_counters_are_the_number_of_points_in_each_state(steps: list[tuple[str, str]], end: int) -> None:
    directive = Directive("d1", "center", ("VN",), START, START + 1)
    directive.ask(POINTS, (), DIRECTORY)
    for number, (what, point) in enumerate(steps):
        if number == end:
            directive.expire(START + 1)
        if what == "reach":
            directive.reach(point, DIRECTORY)
        elif point not in directive.confirmed:
            directive.confirm(point, START, "Lan", "", DIRECTORY)
    for unit, tally in directive.tallies.items():
        within = [directive.presence(point) for point in POINTS if DIRECTORY.is_within(point, (unit,))]
        assert tally.asked == len(within)
        assert (tally.present, tally.late) == (within.count(Presence.PRESENT), within.count(Presence.LATE))
        assert tally.missing == within.count(Presence.WAITING) + within.count(Presence.ABSENT)
        assert 0 <= tally.silent <= tally.missing
