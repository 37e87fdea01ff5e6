"""The plan: who fills a slot for whom; and that nothing else is taken for one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.ids import FeedId, SessionId, SlotName
from sfu.plan import FEEDS_PER_SLOT_MAX, PRIVATE_MAX, SLOTS_MAX, Plan, PlanError, parse_plan

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


def test_whose_owner_has_slots_of_its_own_gets_these_instead() -> None:
    voice = FeedId("talk:operator:lan")
    text = """{"session": "main", "version": 4, "slots": {"main": ["center"], "guest2": ["point:2"]},
               "private": {"point:1": {"guest2": ["talk:operator:lan", "point:2"]}}}"""
    plan = parse_plan(text)
    slot, other = SlotName("guest2"), FeedId("point:2")
    live = {voice, other, CENTER}
    assert plan.feed_for(slot, POINT, live) == voice
    assert [plan.feed_for(slot, owner, live) for owner in (None, CENTER, FeedId("point:3"))] == [other] * 3
    assert plan.feed_for(slot, POINT, live - {voice}) == other, "while the talker is silent, what everybody gets"
    assert plan.feed_for(SlotName("main"), POINT, live) == CENTER, "its other slots are everybody's"
    assert plan.owners_of(slot, voice) == [POINT]
    assert not plan.depends_on(slot, voice), "nobody else is touched when it begins"


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
    '{"session":"main","version":1,"slots":{},"private":[]}',
    '{"session":"main","version":1,"slots":{},"private":{"point:1":[]}}',
    '{"session":"main","version":1,"slots":{},"private":{"point:1":{"guest1":"center"}}}',
    '{"session":"main","version":1,"slots":{},"private":null}',
    json.dumps({"session": "main", "version": 1, "slots": {}, "private": {f"p{n}": {} for n in range(PRIVATE_MAX + 1)}}),
    json.dumps({"session": "main", "version": 1, "slots": {}, "private": {"p": {f"s{n}": [] for n in range(SLOTS_MAX + 1)}}}),
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
