"""Every state and cause has words; foreign text is made harmless."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import words
from bridge.agenda import ItemState
from bridge.directives import Answer, DirectiveState
from bridge.floor import FloorState
from bridge.machine import CallInput, CallState, Cause, SessionState
from bridge.proposals import ProposalState
from bridge.rollcall import AbsenceCause, Presence, RollCallState


def test_there_is_a_word_for_everything_and_for_nothing_else() -> None:
    assert set(words.CALL_STATES) == set(CallState)
    assert set(words.CAUSES) == set(Cause)
    assert set(words.SESSION_STATES) == set(SessionState)
    assert set(words.ROLL_CALL_STATES) == set(RollCallState)
    assert set(words.FLOOR_STATES) == set(FloorState)
    assert set(words.PRESENCES) == set(Presence)
    assert set(words.AGENDA_STATES) == set(ItemState)
    assert set(words.DIRECTIVE_STATES) == set(DirectiveState)
    assert set(words.DIRECTIVE_ANSWERS) == set(Answer)
    assert set(words.PROPOSAL_STATES) == set(ProposalState)
    assert set(words.ABSENCE_CAUSES) == set(AbsenceCause)
    assert {move for move, _ in words.HINTS} <= set(CallInput) | set(Cause)
    assert {state for _, state in words.HINTS} <= set(CallState) | {""}


def test_words_differ() -> None:
    tables = (words.CALL_STATES, words.CAUSES, words.SESSION_STATES, words.PRESENCES, words.ABSENCE_CAUSES)
    papers = (words.AGENDA_STATES, words.DIRECTIVE_STATES, words.DIRECTIVE_ANSWERS, words.PROPOSAL_STATES)
    for table in (*tables, *papers, words.ROLL_CALL_STATES):
        assert len({vi for vi, _ in table.values()}) == len(table)
        assert len({en for _, en in table.values()}) == len(table)


@pytest.mark.parametrize(
    ("text", "clipped"),
    [
        ("Phường 10", "Phường 10"),
        ("a\r\nb\tc", "a b c"),
        ("  a  ", "a"),
        ("a\u202eb", "a b"),
        ("\ud800x", "x"),
        ("", ""),
        ("x" * 500, "x" * 200),
    ],
)
def test_clip(text: str, clipped: str) -> None:
    assert words.clip(text) == clipped


@given(st.text(st.characters(), max_size=60), st.integers(1, 30))
def test_clip_of_any_text(text: str, max_chars: int) -> None:
    kept = words.clip(text, max_chars)
    categories = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    spaced = "".join(" " if unicodedata.category(each) in categories else each for each in text[: 2 * max_chars])
    assert kept == " ".join(spaced.split())[:max_chars]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("1. Trực\r\n2. Báo cáo", "1. Trực\n2. Báo cáo"),
        ("\n a \n\n b\tc\r", "a\n\nb c"),
        ("a\u202eb\n\ud800x", "a b\nx"),
        (" \n ", ""),
        ("x" * 50, "x" * 30),
    ],
)
def test_clip_lines(text: str, kept: str) -> None:
    assert words.clip_lines(text, 30) == kept


def test_clip_looks_at_no_more_than_it_needs() -> None:
    assert words.clip("y" * 10_000_000, 10) == "y" * 10
