"""What is to be played: the scenario file (TOML) as models, with every bound, and the scenario that flags alone describe.

`docs/rehearsal/every-key.toml` documents every key; a test holds it and these models together. Times are seconds: before the
meeting's beginning points just arrive (`join_at_s = 0`), from then on everything is counted from its beginning.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

MAX_SECONDS: Final = 4 * 3600
MAX_GROUPS: Final = 200
MAX_CALLS: Final = 500
MAX_ROLL_CALLS: Final = 50
MAX_DROPS: Final = 20
MAX_SAMPLE: Final = 1000
MAX_POINTS: Final = 100_000
CALL_MARGIN_S: Final = 1.0
"""Spot calls of a scenario without a file end this long before the meeting does, if it is long enough."""

Code = Annotated[str, StringConstraints(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,31}\z")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Moment = Annotated[float, Field(ge=0, le=MAX_SECONDS)]
Share = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1, le=MAX_POINTS)]

Ring = Literal["answers", "no_answer", "declines", "no_device", "undelivered", "offline"]
"""What becomes of a call to a point: it answers; the page rings and nobody comes; somebody declines; camera and microphone are
refused; the page never confirms the ring; the point is not there at all, and never joins."""
CAUSES: Final = {
    "no_answer": "no_answer",
    "declines": "declined",
    "no_device": "no_device",
    "undelivered": "undelivered",
    "offline": "offline",
}
"""The cause that the record of such a call has to show."""


class ScenarioError(Exception):
    """A scenario that cannot be played; the text says what and where, a line for each mistake."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Drop(_Section):
    """Some points of a group lose their line, media and WebSocket at once, without a word."""

    at_s: Moment
    share: Share | None = None
    count: Count | None = None
    back_after_s: Moment | None = 5.0

    @model_validator(mode="after")
    def _one_measure(self) -> Drop:
        if (self.share is None) == (self.count is None):
            raise ValueError("give either share or count")
        return self


class RollCallHabit(_Section):
    """How a group answers roll calls."""

    share: Annotated[float, Field(ge=0, le=1)] = 1.0
    within_s: Moment = 10.0


class Group(_Section):
    """Points that do alike."""

    name: Text
    units: Annotated[list[Code], Field(max_length=1000)] = []
    kinds: Annotated[list[Text], Field(max_length=20)] = []
    count: Count | None = None
    share: Share | None = None
    join_at_s: Moment = 0.0
    join_over_s: Moment = 0.0
    ring: Ring = "answers"
    answer_after_s: tuple[Moment, Moment] = (0.5, 2.0)
    loss: Annotated[float, Field(ge=0, le=0.9)] = 0.0
    roll_call: RollCallHabit = RollCallHabit()
    drops: Annotated[list[Drop], Field(max_length=MAX_DROPS)] = []

    @model_validator(mode="after")
    def _fits(self) -> Group:
        if self.share is not None and self.count is not None:
            raise ValueError("give count or share, not both; neither takes all")
        if self.answer_after_s[0] > self.answer_after_s[1]:
            raise ValueError("answer_after_s is [least, most]")
        return self


class Call(_Section):
    """One spot call: the center rings a point, talks, and ends the call."""

    at_s: Moment
    group: Text | None = None
    point: Code | None = None
    talk_s: Moment = 3.0

    @model_validator(mode="after")
    def _one_target(self) -> Call:
        if (self.group is None) == (self.point is None):
            raise ValueError("give either group or point")
        return self


class RollCall(_Section):
    """One roll call of all units of the session."""

    at_s: Moment
    seconds: Annotated[int, Field(ge=1, le=3600)] = 30


class Scenario(_Section):
    """The whole of it."""

    title: Text = "Diễn tập / Rehearsal"
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 1
    seconds: Annotated[float, Field(ge=1, le=MAX_SECONDS)] = 30.0
    idle_s: Annotated[float, Field(ge=0, le=600)] = 5.0
    video_pps: Annotated[int, Field(ge=0, le=2000)] = 100
    audio_pps: Annotated[int, Field(ge=0, le=200)] = 50
    center_from: Literal["joined", "start"] = "joined"
    sample: Annotated[int, Field(ge=0, le=MAX_SAMPLE)] = 50
    desks: Literal["all", "called", "none"] = "all"
    groups: Annotated[list[Group], Field(min_length=1, max_length=MAX_GROUPS)]
    calls: Annotated[list[Call], Field(max_length=MAX_CALLS)] = []
    roll_calls: Annotated[list[RollCall], Field(max_length=MAX_ROLL_CALLS)] = []

    @model_validator(mode="after")
    def _fits_together(self) -> Scenario:
        names = [group.name for group in self.groups]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"groups need names of their own; twice: {', '.join(twice)}")
        unknown = sorted({call.group for call in self.calls if call.group is not None} - set(names))
        if unknown:
            raise ValueError(f"a call names a group that there is not: {', '.join(unknown)}")
        late = [call.at_s for call in self.calls if call.at_s >= self.seconds]
        late += [each.at_s for each in self.roll_calls if each.at_s >= self.seconds]
        late += [drop.at_s for group in self.groups for drop in group.drops if drop.at_s >= self.seconds]
        late += [group.join_at_s for group in self.groups if group.join_at_s >= self.seconds]
        if late:
            raise ValueError(f"something happens at {max(late):g} s, but the meeting lasts {self.seconds:g} s")
        if self.desks == "none" and (self.calls or self.roll_calls):
            raise ValueError('calls and roll calls need WebSockets: desks = "all" or "called"')
        if self.desks != "all" and self.roll_calls:
            raise ValueError('roll calls need every point\'s WebSocket: desks = "all"')
        return self


def read_scenario(path: Path, changes: dict[str, Any] | None = None) -> Scenario:
    """Read a scenario file; `changes` replace keys of its top level, as flags do.

    Raises:
        ScenarioError: the file cannot be read, is no TOML, or does not fit.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise ScenarioError(f"{path} is not valid TOML: {error}") from None
    return make_scenario({**written, **(changes or {})}, str(path))


def make_scenario(values: dict[str, Any], where: str = "") -> Scenario:
    """Check values as a scenario.

    Raises:
        ScenarioError: a line for each mistake.
    """
    try:
        return Scenario.model_validate(values)
    except ValidationError as error:
        place = f"{where}: " if where else ""
        raise ScenarioError("\n".join(place + _explain(dict(mistake)) for mistake in error.errors())) from None


def plain_scenario(points: int, seconds: float, *, calls: int, join_over_s: float, **top: Any) -> Scenario:
    """The scenario of flags alone: points spread over the country that all answer, and spot calls at equal distances.

    Raises:
        ScenarioError: a value is out of its bounds.
    """
    group = {"name": "points", "count": points, "join_over_s": join_over_s, "answer_after_s": (0.2, 0.8)}
    room_s = max(seconds * 0.7, seconds - CALL_MARGIN_S - 4.0)
    talk_s = max(0.5, min(3.0, room_s / max(1, calls)))
    timetable = [{"at_s": round(place * room_s / calls, 3), "group": "points", "talk_s": talk_s} for place in range(calls)]
    return make_scenario({"seconds": seconds, "groups": [group], "calls": timetable, **top})


def _explain(mistake: dict[str, Any]) -> str:
    key = ".".join(str(part) for part in mistake["loc"]) or "scenario"
    if mistake["type"] == "extra_forbidden":
        return f"{key}: there is no such key; every key is in docs/rehearsal/every-key.toml"
    return f"{key}: {mistake['msg'].removeprefix('Value error, ')}"
