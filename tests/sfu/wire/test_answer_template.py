from __future__ import annotations

import pytest

from sfu.wire.answer_template import AnswerTemplate, hole


def test_holes_are_filled_wherever_they_stand() -> None:
    template = AnswerTemplate(f"a={hole('x')};b={hole('y')};{hole('x')}")
    assert template.fill({"x": "1", "y": "2"}) == "a=1;b=2;1"


def test_a_value_is_no_template() -> None:
    """What was put into one hole is not looked at again."""
    template = AnswerTemplate(hole("x") + hole("y"))
    assert template.fill({"x": hole("y"), "y": "secret"}) == hole("y") + "secret"


def test_the_template_stays_as_it_was() -> None:
    template = AnswerTemplate(f"v={hole('x')}")
    assert [template.fill({"x": value}) for value in ("1", "2", "1")] == ["v=1", "v=2", "v=1"]


def test_a_hole_without_a_value_is_the_callers_mistake() -> None:
    with pytest.raises(KeyError):
        AnswerTemplate(hole("x")).fill({"y": "1"})


def test_a_lone_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="odd number"):
        AnswerTemplate("text\0text")
