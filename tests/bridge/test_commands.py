"""Commands and events: values that cannot be changed, one decision and one application each."""

from dataclasses import FrozenInstanceError

import pytest

from bridge import applying, commands, decide, events
from bridge.commands import Command, PlaceCall
from bridge.events import Event


def test_commands_are_values() -> None:
    command = PlaceCall("27265", "center")
    assert command == PlaceCall("27265", "center")
    with pytest.raises(FrozenInstanceError):
        command.by = "me"  # type: ignore[misc]


def test_every_command_is_decided_and_every_event_applied() -> None:
    assert set(decide._DECISIONS) == set(Command.__args__)
    assert set(applying.APPLY) == set(Event.__args__)


def test_what_can_be_told_has_the_same_name_as_what_happened() -> None:
    told = {command.__name__ for command in Command.__args__} & {event.__name__ for event in Event.__args__}
    assert told == {"PointArrived", "PointLeft", "PointReported"}
    assert all(getattr(commands, name) is not getattr(events, name) for name in told)
