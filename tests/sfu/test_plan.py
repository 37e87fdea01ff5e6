"""The plan: who fills a slot for whom; and that nothing else is taken for one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.ids import FeedId, SessionId, SlotName
from sfu.plan import FEEDS_PER_SLOT_MAX, SLOTS_MAX, Plan, PlanError, parse_plan

CENTER, POINT = FeedId("center"), FeedId("point:1")
PLAN = Plan(SessionId("main"), 3, {SlotName("main"): (POINT, CENTER), SlotName("inset"): (CENTER,)})


@pytest.mark.parametrize(
    ("slot", "owner", "live", "feed"),
    [
        ("main", None, {POINT, CENTER}, POINT),
        ("main", POINT, {POINT, CENTER}, CENTER),
        ("main", None, {CENTER}, CENTER),
        ("main", CENTER, {CENTER}, None),
        ("inset", CENTER, {POINT, CENTER}, None),
        ("inset", None, {POINT, CENTER}, CENTER),
        ("inset", POINT, {POINT, CENTER}, None),
        ("inset", None, {CENTER}, None),
        ("guest1", None, {POINT, CENTER}, None),
    ],
)
def test_the_first_feed_that_is_live_and_not_ones_own(
    slot: str, owner: FeedId | None, live: set[FeedId], feed: FeedId | None
) -> None:
    assert PLAN.feed_for(SlotName(slot), owner, live) == feed


def test_two_points_on_air_see_each_other_and_the_center() -> None:
    other = FeedId("point:2")
    plan = Plan(SessionId("main"), 4, {SlotName("main"): (other, POINT, CENTER), SlotName("inset"): (POINT, CENTER)})
    live = {POINT, other, CENTER}
    seen = {
        owner: tuple(plan.feed_for(SlotName(slot), owner, live) for slot in ("main", "inset")) for owner in (POINT, other, None)
    }
    assert seen == {POINT: (other, CENTER), other: (POINT, CENTER), None: (other, POINT)}


def test_a_slot_depends_on_the_feeds_of_the_slot_beside_it() -> None:
    assert PLAN.depends_on(SlotName("inset"), POINT)
    assert not PLAN.depends_on(SlotName("center"), POINT)


def test_a_plan_is_read_from_its_json() -> None:
    text = '{"session":"main","version":3,"slots":{"main":["point:1","center"],"inset":["center"]}}'
    assert parse_plan(text) == parse_plan(text.encode()) == PLAN


BAD = [
    "",
    "[]",
    "null",
    "7",
    "{}",
    '{"session":"main"}',
    '{"session":1,"version":1,"slots":{}}',
    '{"session":"main","version":"1","slots":{}}',
    '{"session":"main","version":1,"slots":[]}',
    '{"session":"main","version":1,"slots":{"main":"center"}}',
    '{"session":"main","version":1,"slots":{"main":[1]}}',
    json.dumps({"session": "main", "version": 1, "slots": {f"s{n}": [] for n in range(SLOTS_MAX + 1)}}),
    json.dumps({"session": "main", "version": 1, "slots": {"main": ["f"] * (FEEDS_PER_SLOT_MAX + 1)}}),
    "[" * 100_000,
    '{"session":"main","version":' + "9" * 5000 + ',"slots":{}}',
]


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_anything_else_is_refused_with_the_one_exception(text: str) -> None:
    with pytest.raises(PlanError):
        parse_plan(text)


@given(st.binary(max_size=80) | st.text(max_size=80))
def test_a_parser_raises_one_exception(text: bytes | str) -> None:
    with pytest.raises(PlanError):
        parse_plan(text)
