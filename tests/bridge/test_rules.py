"""The numbers a session is run by."""

from dataclasses import fields

import pytest

from bridge.errors import BridgeError
from bridge.rules import Rules


def test_the_usual_numbers() -> None:
    rules = Rules()
    assert (rules.deliver_timeout_ms, rules.answer_timeout_ms, rules.media_timeout_ms, rules.reconnect_grace_ms) == (
        5_000,
        30_000,
        10_000,
        30_000,
    )
    assert (rules.monitors, rules.max_on_air, rules.auto_preview) == (4, 2, True)


@pytest.mark.parametrize("name", [field.name for field in fields(Rules) if field.name != "auto_preview"])
def test_none_of_them_may_be_zero(name: str) -> None:
    with pytest.raises(BridgeError) as refused:
        Rules(**{name: 0})  # type: ignore[arg-type]
    assert refused.value.code == "bad_rules"
    assert name in refused.value.message_en


@pytest.mark.parametrize("numbers", [{"monitors": 5}, {"max_on_air": 3}])
def test_no_more_than_viewers_have_slots_for(numbers: dict[str, int]) -> None:
    with pytest.raises(BridgeError):
        Rules(**numbers)  # type: ignore[arg-type]
