"""The document agrees with the tables."""

from pathlib import Path

import pytest

from bridge import diagrams
from bridge.diagrams import BLOCKS, DOCUMENT, call_diagram, cause_table, main, presence_table, rendered
from bridge.machine import CALL_TABLE, Cause
from bridge.rollcall import AbsenceCause, Presence


def test_the_document_is_up_to_date() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert rendered(text) == text, "run python -m bridge.diagrams"
    assert main(["--check"]) == 0


def test_every_block_is_in_the_document_once() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for name in BLOCKS:
        assert text.count(f"<!-- made from the tables: {name} -->") == 1


def test_the_call_diagram_has_every_arrow_that_is_no_failure() -> None:
    diagram = call_diagram()
    for state, moves in CALL_TABLE.items():
        for move, target in moves.items():
            line = next((line for line in diagram.splitlines() if line.strip().startswith(f"{state} --> {target}:")), "")
            assert (move in line.partition(": ")[2].split(", ")) is not isinstance(move, Cause)


def test_the_table_of_causes_has_every_state() -> None:
    lines = {line.split("`")[1]: line for line in cause_table().splitlines() if line.startswith("| `")}
    assert set(lines) == set(Cause)
    for cause in Cause:
        for state, moves in CALL_TABLE.items():
            assert (f"`{state}`" in lines[cause]) == (cause in moves)


def test_the_table_of_presence_has_every_state_and_cause() -> None:
    table = presence_table()
    for word in (*Presence, *AbsenceCause):
        assert f"`{word}`" in table


@pytest.fixture
def stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    document = tmp_path / "BRIDGE.md"
    document.write_text("# x\n<!-- made from the tables: session -->\nold\n<!-- end -->\ny\n", encoding="utf-8")
    monkeypatch.setattr(diagrams, "DOCUMENT", document)
    return document


def test_checking_changes_nothing(stale: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = stale.read_text(encoding="utf-8")
    assert main(["--check"]) == 1
    assert stale.read_text(encoding="utf-8") == before
    assert "bridge.diagrams" in capsys.readouterr().err


def test_writing_makes_it_up_to_date_and_leaves_the_rest(stale: Path) -> None:
    assert main([]) == 0
    text = stale.read_text(encoding="utf-8")
    assert "prepared --> open: open" in text
    assert "old" not in text
    assert text.startswith("# x\n")
    assert text.endswith("<!-- end -->\ny\n")
    assert main(["--check"]) == 0


def test_a_name_that_nothing_makes() -> None:
    with pytest.raises(KeyError):
        rendered("<!-- made from the tables: nonsense -->\n<!-- end -->")
