"""Scenario files: the samples of the documentation can be played, every key is documented, bad files say what is wrong."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from cli.national import national_directory
from rehearsal.cast import make_cast
from rehearsal.scenario import (
    Call,
    Drop,
    Group,
    RollCall,
    RollCallHabit,
    Scenario,
    ScenarioError,
    make_scenario,
    plain_scenario,
    read_scenario,
)

SAMPLES = Path(__file__).resolve().parents[2] / "docs" / "rehearsal"
EVERY_KEY = SAMPLES / "every-key.toml"
POINTS = {"2-september": (2594, 2593), "5-september": (9811, 9811), "every-key": (41, 40)}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_samples_can_be_played(path: Path) -> None:
    scenario = read_scenario(path)
    cast = make_cast(scenario, national_directory())
    assert (len(cast.roles), len(cast.joining)) == POINTS[path.stem]
    assert len(cast.calls) == len(scenario.calls) >= 2


def test_every_key_is_in_the_sample_with_its_default() -> None:
    text = EVERY_KEY.read_text(encoding="utf-8")
    models: list[type[BaseModel]] = [Scenario, Group, RollCallHabit, Drop, Call, RollCall]
    keys = {key for model in models for key in model.model_fields} - {"groups", "calls", "roll_calls", "drops", "roll_call"}
    assert not [key for key in keys if not re.search(rf"\b{key} = ", text)]
    assert set(re.findall(r"^\[+([a-z_.]+)\]+$", text, re.MULTILINE)) == {
        "groups",
        "groups.roll_call",
        "groups.drops",
        "calls",
        "roll_calls",
    }
    top = {key: value for key, value in tomllib.loads(text).items() if not isinstance(value, list)}
    defaults = {key: Scenario.model_fields[key].default for key in top}
    assert top == defaults
    for key in ("seed", "seconds", "idle_s", "video_pps", "audio_pps", "center_from", "sample", "desks", "title"):
        assert key in top


def base(**changes: Any) -> dict[str, Any]:
    return {"groups": [{"name": "a"}], **changes}


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({}, "groups: Field required"),
        (base(second=3), "second: there is no such key"),
        (base(seconds=0), "seconds: Input should be greater than or equal to 1"),
        (base(seconds=20_000), "seconds: Input should be less than or equal to 14400"),
        (base(video_pps=-1), "video_pps"),
        (base(center_from="later"), "center_from: Input should be 'joined' or 'start'"),
        ({"groups": []}, "groups: List should have at least 1 item"),
        ({"groups": [{"name": "a"}, {"name": "a"}]}, "groups need names of their own; twice: a"),
        ({"groups": [{"name": "a", "count": 3, "share": 0.5}]}, "groups.0: give count or share, not both"),
        ({"groups": [{"name": "a", "loss": 1}]}, "groups.0.loss"),
        ({"groups": [{"name": "a", "ring": "maybe"}]}, "groups.0.ring"),
        ({"groups": [{"name": "a", "units": ["no unit"]}]}, "groups.0.units.0"),
        ({"groups": [{"name": "a", "answer_after_s": [3, 1]}]}, r"answer_after_s is \[least, most\]"),
        ({"groups": [{"name": "a", "drops": [{"at_s": 1}]}]}, "groups.0.drops.0: give either share or count"),
        (
            {"groups": [{"name": "a", "drops": [{"at_s": 99, "count": 1}]}]},
            "something happens at 99 s, but the meeting lasts 30 s",
        ),
        ({"groups": [{"name": "a", "join_at_s": 30}]}, "happens at 30 s"),
        (base(calls=[{"at_s": 1}]), "calls.0: give either group or point"),
        (base(calls=[{"at_s": 1, "group": "b"}]), "a call names a group that there is not: b"),
        (base(calls=[{"at_s": 31, "group": "a"}]), "happens at 31 s"),
        (base(desks="none", calls=[{"at_s": 1, "group": "a"}]), "calls and roll calls need WebSockets"),
        (base(desks="called", roll_calls=[{"at_s": 1}]), "roll calls need every point's WebSocket"),
        (base(calls=[{"at_s": 1, "group": "a"}] * 501), "calls: List should have at most 500 items"),
    ],
)
def test_what_does_not_fit_is_named(values: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ScenarioError, match=complaint):
        make_scenario(values)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    with pytest.raises(ScenarioError, match=r"cannot read .*plan\.toml: No such file"):
        read_scenario(path)
    path.write_text("seconds = \n")
    with pytest.raises(ScenarioError, match=r"plan\.toml is not valid TOML: .*line 1"):
        read_scenario(path)
    path.write_bytes(b'title = "\xff"\n')
    with pytest.raises(ScenarioError, match="not valid TOML"):
        read_scenario(path)
    path.write_text('seconds = 0\nsample = 5000\n[[groups]]\nname = "a"\n')
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    assert len(str(caught.value).splitlines()) == 2, "each mistake has its line"
    path.write_text('seconds = 12\n[[groups]]\nname = "a"\n')
    assert read_scenario(path, {"seconds": 40.0, "seed": 7}).seconds == 40
    assert read_scenario(path).seconds == 12


@pytest.mark.parametrize(("seconds", "calls"), [(5, 5), (1, 1), (60, 5), (30, 100), (10, 0)])
def test_spot_calls_of_a_plain_rehearsal_have_room(seconds: float, calls: int) -> None:
    scenario = plain_scenario(50, seconds, calls=calls, join_over_s=2)
    assert len(scenario.calls) == calls
    assert scenario.groups[0].count == 50
    assert all(call.at_s < seconds for call in scenario.calls)
    moments = [call.at_s for call in scenario.calls]
    assert moments == sorted(set(moments))


def test_a_plain_rehearsal_has_bounds_too() -> None:
    with pytest.raises(ScenarioError, match=r"groups\.0\.count"):
        plain_scenario(0, 10, calls=0, join_over_s=0)
    with pytest.raises(ScenarioError, match="seconds"):
        plain_scenario(10, -1, calls=0, join_over_s=0)
