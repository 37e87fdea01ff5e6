"""Who plays: the points of a directory that a scenario's groups mean, and what each of them does. Pure, and by seed.

The units of the session are chosen so that it is over every point of the cast and over none that is to be left alone: real points
that are live now. A unit covers everything below it, so that a unit with such a point below cannot be named, and its own desk
cannot take part.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from bridge.units import Directory
from rehearsal.scenario import Call, Group, Ring, Scenario, ScenarioError

T = TypeVar("T")

MAX_UNITS: Final = 1000
"""Of a session: PROTOCOL.md §6."""


@dataclass(frozen=True, slots=True)
class Fall:
    """One loss of the line: when, and how long until the point tries to come back; None: it stays away."""

    at_s: float
    back_after_s: float | None


@dataclass(frozen=True, slots=True)
class Role:
    """What one point does.

    Attributes:
        join_at_s: in which second of its group's time it comes; see `is_late`.
        is_late: whether that is during the meeting; else before it.
        answer_after_s: how long after the ring it answers or declines.
        present_after_s: how long after a roll call's question it confirms; None: it does not.
        has_desk: whether its WebSocket is played too.
    """

    code: str
    group: str
    join_at_s: float
    is_late: bool
    ring: Ring
    answer_after_s: float
    loss: float
    present_after_s: float | None
    falls: tuple[Fall, ...]
    has_desk: bool

    @property
    def joins(self) -> bool:
        """Whether it ever comes."""
        return self.ring != "offline"


@dataclass(frozen=True, slots=True)
class SpotCall:
    """One call of the timetable."""

    at_s: float
    code: str
    talk_s: float
    ring: Ring


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody, in directory order, the calls in the order of time, and the units of a session over all of them."""

    roles: Mapping[str, Role]
    calls: tuple[SpotCall, ...]
    units: tuple[str, ...]

    @property
    def joining(self) -> tuple[Role, ...]:
        """Those who come at all."""
        return tuple(role for role in self.roles.values() if role.joins)


def make_cast(
    scenario: Scenario, directory: Directory, left_alone: Iterable[str] = (), within: Sequence[str] | None = None
) -> Cast:
    """Choose the points.

    Args:
        scenario: who is wanted.
        directory: all units and points of the service.
        left_alone: points that must not be touched.
        within: units of a session that is there already: nobody else is chosen. None: a session is made for the cast.

    Raises:
        ScenarioError: a unit is unknown, a group finds too few points, or a session cannot be over just these.
    """
    alone = {code for code in left_alone if directory.has_point(code)}
    closed = {unit for code in alone for unit in directory.units_above(code)}
    dice = random.Random(scenario.seed)  # noqa: S311 (a choice that can be made again)
    chosen: dict[str, Group] = {}
    if within:
        outside = {point.code for point in directory.points if not directory.is_within(point.unit, within)}
        alone |= outside
    for group in scenario.groups:
        for code in _chosen(group, directory, chosen, alone, closed):
            chosen[code] = group
    calls = _calls(scenario, chosen, dice)
    called = {call.code for call in calls}
    members: dict[str, list[str]] = {group.name: [] for group in scenario.groups}
    for code, group in chosen.items():
        members[group.name].append(code)
    falls = {group.name: _falls(group, members[group.name], dice) for group in scenario.groups}
    roles: dict[str, Role] = {}
    place_in: dict[str, int] = {}
    for code in sorted(chosen, key=directory.index_of):
        group = chosen[code]
        place = place_in[group.name] = place_in.get(group.name, -1) + 1
        is_present = dice.random() < group.roll_call.share
        present_after_s = dice.uniform(0, group.roll_call.within_s)
        roles[code] = Role(
            code=code,
            group=group.name,
            join_at_s=group.join_at_s + group.join_over_s * place / len(members[group.name]),
            is_late=group.join_at_s > 0,
            ring=group.ring,
            answer_after_s=dice.uniform(*group.answer_after_s),
            loss=group.loss,
            present_after_s=present_after_s if is_present else None,
            falls=tuple(sorted(falls[group.name].get(code, ()), key=lambda fall: fall.at_s)),
            has_desk=scenario.desks == "all" or (scenario.desks == "called" and code in called),
        )
    return Cast(roles, calls, tuple(within) if within is not None else units_over(roles, closed, directory))


def units_over(codes: Iterable[str], closed: set[str], directory: Directory) -> tuple[str, ...]:
    """Units that are over all of these points and over no unit of `closed`: their own where a session can name so many,
    else the fewest.

    Raises:
        ScenarioError: they are more than a session may have.
    """
    own: dict[str, None] = {}
    tops: dict[str, None] = {}
    for code in codes:
        above = [unit for unit in directory.units_above(code) if unit not in closed]
        own[above[0]] = tops[above[-1]] = None  # a point of a closed unit was not chosen
    if len(own) <= MAX_UNITS:
        return tuple(own)
    if len(tops) > MAX_UNITS:
        raise ScenarioError(
            f"{len(tops)} units would have to be named, and a session takes {MAX_UNITS}: too many real points are live for "
            "so many simulated ones. Rehearse with fewer, or in provinces where nobody is live (--force takes all points)"
        )
    return tuple(tops)


def evenly(things: Sequence[T], count: int) -> list[T]:
    """Choose `count` of the things, in their order and spread over all of it."""
    return [things[place * len(things) // count] for place in range(count)]


def _chosen(group: Group, directory: Directory, taken: Mapping[str, Group], alone: set[str], closed: set[str]) -> list[str]:
    for unit in group.units:
        if not directory.has_unit(unit):
            raise ScenarioError(f"group {group.name!r}: the service has no unit {unit} (diemcau units list)")
    found = [
        point.code
        for point in directory.points
        if point.code not in taken
        and point.code not in alone
        and point.unit not in closed
        and (not group.units or directory.is_within(point.unit, group.units))
        and (not group.kinds or directory.unit(point.unit).kind in group.kinds)
    ]
    wanted = group.count if group.count is not None else len(found)
    if group.share is not None:
        wanted = max(1, round(group.share * len(found)))
    if not found or wanted > len(found):
        live = f" ({len(alone)} of the service's points are live, or outside of the session)" if alone else ""
        raise ScenarioError(f"group {group.name!r} wants {max(1, wanted)} points, and {len(found)} are there{live}")
    return evenly(found, wanted)


def _calls(scenario: Scenario, chosen: Mapping[str, Group], dice: random.Random) -> tuple[SpotCall, ...]:
    """The timetable; whom a group's calls go to is drawn, nobody twice before everybody once."""
    waiting: dict[str, list[str]] = {}

    def target(call: Call) -> str:
        if call.point is not None:
            if call.point not in chosen:
                raise ScenarioError(f"a call goes to point {call.point}, which no group has")
            return call.point
        name = call.group or ""
        if not waiting.get(name):
            waiting[name] = [code for code, group in chosen.items() if group.name == name]
            dice.shuffle(waiting[name])
        return waiting[name].pop()

    timetable = sorted(scenario.calls, key=lambda call: call.at_s)
    return tuple(SpotCall(call.at_s, code, call.talk_s, chosen[code].ring) for call in timetable for code in [target(call)])


def _falls(group: Group, codes: Sequence[str], dice: random.Random) -> dict[str, list[Fall]]:
    falls: dict[str, list[Fall]] = {}
    for drop in group.drops:
        wanted = drop.count if drop.count is not None else round((drop.share or 0) * len(codes))
        for code in dice.sample(codes, min(wanted, len(codes))):
            falls.setdefault(code, []).append(Fall(drop.at_s, drop.back_after_s))
    return falls
