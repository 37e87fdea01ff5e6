"""The tables: complete, closed, and moved along by one function that changes nothing."""

from collections.abc import Mapping
from itertools import product

import pytest

from bridge.errors import IllegalMove
from bridge.machine import (
    CALL_TABLE,
    MISSED,
    OVER,
    SESSION_TABLE,
    TALKING,
    CallInput,
    CallState,
    Cause,
    SessionInput,
    SessionState,
    advance,
    may_advance,
)

LEGAL = {(state, move): target for state, moves in CALL_TABLE.items() for move, target in moves.items()}


def test_every_state_has_its_row() -> None:
    assert list(CALL_TABLE) == list(CallState)
    assert list(SESSION_TABLE) == list(SessionState)


def test_inputs_and_causes_do_not_share_a_name() -> None:
    assert not {move.value for move in CallInput} & {cause.value for cause in Cause}


@pytest.mark.parametrize(("state", "move"), list(product(CallState, (*CallInput, *Cause))))
def test_advance_does_what_the_table_says_and_nothing_else(state: CallState, move: CallInput | Cause) -> None:
    if (state, move) in LEGAL:
        assert may_advance(CALL_TABLE, state, move)
        assert advance(CALL_TABLE, state, move) is LEGAL[state, move]
    else:
        assert not may_advance(CALL_TABLE, state, move)
        with pytest.raises(IllegalMove) as refused:
            advance(CALL_TABLE, state, move)
        assert (refused.value.state, refused.value.move, refused.value.fault) == (state, move, "bug")


def test_the_tables_cannot_be_changed() -> None:
    assert isinstance(CALL_TABLE, Mapping)
    with pytest.raises(TypeError):
        CALL_TABLE[CallState.ENDED] = {}  # type: ignore[index]


def test_causes_lead_to_failed_and_only_they_do() -> None:
    for (_, move), target in LEGAL.items():
        assert (target is CallState.FAILED) == isinstance(move, Cause)


def test_every_state_can_be_reached_and_every_call_can_end() -> None:
    reached = {CallState.QUEUED}
    while more := {target for (state, _), target in LEGAL.items() if state in reached} - reached:
        reached |= more
    assert reached == set(CallState)
    for state in set(CallState) - OVER:
        assert set(CALL_TABLE[state].values()) & OVER
    for state in OVER:
        assert not CALL_TABLE[state]


def test_nobody_is_blamed_for_not_answering_before_the_page_confirmed() -> None:
    assert [state for state, moves in CALL_TABLE.items() if Cause.NO_ANSWER in moves] == [CallState.DELIVERED]


def test_what_is_connected_is_ended_and_what_is_not_is_cancelled() -> None:
    for state in set(CallState) - OVER:
        assert (CallInput.END in CALL_TABLE[state]) or (Cause.CANCELLED in CALL_TABLE[state])
        if state in TALKING:
            assert Cause.CANCELLED not in CALL_TABLE[state]
            assert {CallInput.INTERRUPT, CallInput.RESUME} <= set(CALL_TABLE[state])


def test_the_center_s_own_doing_is_no_miss() -> None:
    assert set(Cause) - MISSED == {Cause.CANCELLED, Cause.ENGAGED_ABOVE}


def test_the_session_goes_one_way() -> None:
    assert advance(SESSION_TABLE, SessionState.PREPARED, SessionInput.OPEN) is SessionState.OPEN
    assert advance(SESSION_TABLE, SessionState.OPEN, SessionInput.CLOSE) is SessionState.CLOSED
    with pytest.raises(IllegalMove):
        advance(SESSION_TABLE, SessionState.CLOSED, SessionInput.OPEN)
    with pytest.raises(IllegalMove):
        advance(SESSION_TABLE, SessionState.PREPARED, SessionInput.CLOSE)
