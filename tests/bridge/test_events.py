"""Events: each has its time first, and nothing else moves by itself."""

from dataclasses import FrozenInstanceError, fields

import pytest

from bridge.events import CallEnded, Event


@pytest.mark.parametrize("event", Event.__args__, ids=lambda event: event.__name__)
def test_every_event_begins_with_its_time(event: type) -> None:
    assert fields(event)[0].name == "at"
    assert event.__doc__
    assert "__slots__" in vars(event)


def test_events_cannot_be_changed() -> None:
    event = CallEnded(1, "c1", "center")
    with pytest.raises(FrozenInstanceError):
        event.at = 2  # type: ignore[misc]
