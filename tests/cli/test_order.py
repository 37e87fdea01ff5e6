from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli import order
from cli.errors import EXIT_USAGE, CommandError
from cli.main import main
from signaling.console_orders import PlaceCallOrder, StartRollCallOrder


class FakeRemote:
    """Remembers what it was asked."""

    asked: list[tuple[str, Any]] = []  # noqa: RUF012 (emptied by the fixture)

    def __init__(self, _settings: Any, subject: str = "center:cli") -> None:
        self.subject = subject

    def post(self, path: str, body: Any) -> Any:
        FakeRemote.asked.append((path, {**body, "by": self.subject}))
        return {"at": 1, "call": "c1", "roll_call": None, "made": None}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    FakeRemote.asked = []
    monkeypatch.setattr(order, "Remote", FakeRemote)
    return FakeRemote.asked


def test_an_order_and_its_answer(asked: list[tuple[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["order", "main", "place_call", "point=26740", "--data-dir", str(tmp_path)]) == 0
    assert asked == [("/api/sessions/main/orders", {"kind": "place_call", "point": "26740", "by": "center:cli"})]
    assert capsys.readouterr().out == '{"at": 1, "call": "c1", "roll_call": null, "made": null}\n'
    assert main(["order", "s1", "start_roll_call", "seconds=60", "units=79,80", "--as", "lan", "--data-dir", str(tmp_path)]) == 0
    assert asked[1][1] == {"kind": "start_roll_call", "seconds": 60, "units": ["79", "80"], "by": "lan"}


@pytest.mark.parametrize(
    ("kind", "words", "fields"),
    [
        ("place_calls", ["points=1,2", "together=true"], {"points": ["1", "2"], "together": True}),
        ("start_roll_call", ["seconds=60", "units=null"], {"seconds": 60, "units": None}),
        ("mark_contact", ["call=c1", "step=0", "note=12"], {"call": "c1", "step": 0, "note": "12"}),
        ("set_agenda", ['items=[{"point": "1"}]'], {"items": [{"point": "1"}]}),
        ("issue_directive", ["title=[gấp] trực", "deadline=9"], {"title": "[gấp] trực", "deadline": 9}),
    ],
)
def test_values_as_their_fields_want_them(kind: str, words: list[str], fields: dict[str, Any]) -> None:
    assert order.fields_of(order.orders()[kind], words) == fields


def test_a_list_from_a_file(tmp_path: Path) -> None:
    agenda, points = tmp_path / "agenda.json", tmp_path / "points.txt"
    agenda.write_text('\n[{"point": "79"}]\n', encoding="utf-8")
    points.write_text("26740,26743\n", encoding="utf-8")
    assert order.fields_of(order.orders()["set_agenda"], [f"items=@{agenda}"]) == {"items": [{"point": "79"}]}
    assert order.fields_of(order.orders()["place_calls"], [f"points=@{points}"]) == {"points": ["26740", "26743"]}
    with pytest.raises(CommandError, match=r"cannot read .*nowhere"):
        order.fields_of(order.orders()["set_agenda"], [f"items=@{tmp_path}/nowhere"])


def test_a_long_text_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "directive.txt"
    file.write_text("1. Trực 24/7\n2. Báo cáo", encoding="utf-8")
    found = order.fields_of(order.orders()["issue_directive"], [f"text=@{file}"])
    assert found == {"text": "1. Trực 24/7\n2. Báo cáo"}
    with pytest.raises(CommandError, match="cannot read"):
        order.fields_of(order.orders()["issue_directive"], [f"text=@{file}.no"])


@pytest.mark.parametrize("word", ["point", "points=1", "kind=x", "=1"])
def test_words_that_do_not_fit_say_what_does(word: str) -> None:
    with pytest.raises(CommandError, match=r"point=…"):
        order.fields_of(PlaceCallOrder, [word])


def test_a_list_that_is_no_json() -> None:
    with pytest.raises(CommandError, match="not JSON"):
        order.fields_of(StartRollCallOrder, ["units=[1"])


def test_an_order_that_there_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["order", "main", "dance", "--data-dir", str(tmp_path)]) == EXIT_USAGE
    assert "there are" in capsys.readouterr().err


def test_the_help_has_every_order(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["order", "--help"])
    text = capsys.readouterr().out
    assert all(kind in text for kind in order.orders())
