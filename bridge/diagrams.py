"""The diagrams and tables of BRIDGE.md, made from the tables of `bridge.machine`.

``python -m bridge.diagrams`` writes them between their markers; with ``--check`` it only says whether they are up to date (exit
status 1 when not). A marker is a line ``<!-- made from the tables: NAME -->``; what it made ends at ``<!-- end -->``.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from bridge.agenda import ITEM_TABLE as AGENDA_TABLE
from bridge.agenda import ItemState as AgendaState
from bridge.call_lists import ITEM_TABLE, LIST_TABLE, ItemState, ListState
from bridge.directives import DIRECTIVE_TABLE, Answer, DirectiveState
from bridge.escalation import LADDER_TABLE, STEP_TABLE, LadderState, StepState
from bridge.floor import FLOOR_TABLE, FloorState
from bridge.machine import CALL_TABLE, SESSION_TABLE, CallMove, CallState, Cause, SessionState
from bridge.proposals import PROPOSAL_TABLE, ProposalState
from bridge.rollcall import PRESENCE_TABLE, ROLL_CALL_TABLE, AbsenceCause, Presence, RollCallState
from bridge.roster import Duty
from bridge.words import (
    ABSENCE_CAUSES,
    AGENDA_STATES,
    CALL_STATES,
    CAUSES,
    DIRECTIVE_ANSWERS,
    DIRECTIVE_STATES,
    DUTIES,
    ITEM_STATES,
    LADDER_STATES,
    LIST_STATES,
    PRESENCES,
    PROPOSAL_STATES,
    STEP_STATES,
)

DOCUMENT: Final = Path(__file__).with_name("BRIDGE.md")

_BLOCK: Final = re.compile(r"(<!-- made from the tables: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

State = TypeVar("State", bound=StrEnum)
Move = TypeVar("Move", bound=StrEnum)


def state_diagram(table: Mapping[State, Mapping[Move, State]], start: State) -> str:
    """Give a Mermaid state diagram of a table: one arrow for each pair of states, its inputs as the label."""
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR", f"    [*] --> {start}"]
    for state, moves in table.items():
        arrows: dict[str, list[str]] = {}
        for move, target in moves.items():
            arrows.setdefault(target, []).append(move)
        lines.extend(f"    {state} --> {target}: {', '.join(labels)}" for target, labels in arrows.items())
        if not moves:
            lines.append(f"    {state} --> [*]")
    return "\n".join([*lines, "```"])


def session_diagram() -> str:
    """Give the diagram of the life of a session."""
    return state_diagram(SESSION_TABLE, SessionState.PREPARED)


def call_diagram() -> str:
    """Give the diagram of the life of a call, failures left to the table of causes."""
    moving: dict[CallState, dict[CallMove, CallState]] = {
        state: {move: target for move, target in moves.items() if move not in set(Cause)}
        for state, moves in CALL_TABLE.items()
        if state is not CallState.FAILED
    }
    return state_diagram(moving, CallState.QUEUED)


def call_table() -> str:
    """Give the states of a call with what moves each on, as a Markdown table."""
    lines = ["| state | vi | moves on by |", "|---|---|---|"]
    for state, moves in CALL_TABLE.items():
        on = [f"`{move}` → {target}" for move, target in moves.items() if move not in set(Cause)]
        lines.append(f"| `{state}` | {CALL_STATES[state][0]} | {', '.join(on) or 'nothing'} |")
    return "\n".join(lines)


def cause_table() -> str:
    """Give the causes of failure with the states they can be given in, as a Markdown table."""
    lines = ["| cause | vi | en | from |", "|---|---|---|---|"]
    for cause in Cause:
        states = [f"`{state}`" for state, moves in CALL_TABLE.items() if cause in moves]
        lines.append(f"| `{cause}` | {CAUSES[cause][0]} | {CAUSES[cause][1]} | {', '.join(states)} |")
    return "\n".join(lines)


def roll_call_diagram() -> str:
    """Give the diagram of the life of a roll call."""
    return state_diagram(ROLL_CALL_TABLE, RollCallState.ASKING)


def presence_diagram() -> str:
    """Give the diagram of what becomes of one point in a roll call."""
    return state_diagram(PRESENCE_TABLE, Presence.WAITING)


def floor_diagram() -> str:
    """Give the diagram of the life of a request to speak."""
    return state_diagram(FLOOR_TABLE, FloorState.WAITING)


def ladder_diagram() -> str:
    """Give the diagram of the life of an escalation's ladder."""
    return state_diagram(LADDER_TABLE, LadderState.RUNNING)


def step_diagram() -> str:
    """Give the diagram of the life of one step of a ladder."""
    return state_diagram(STEP_TABLE, StepState.WAITING)


def call_list_diagram() -> str:
    """Give the diagram of the life of a list of calls."""
    return state_diagram(LIST_TABLE, ListState.RUNNING)


def item_diagram() -> str:
    """Give the diagram of what becomes of one point of a list."""
    return state_diagram(ITEM_TABLE, ItemState.WAITING)


def matter_table() -> str:
    """Give the words for ladders, their steps, lists, their points and duties, as a Markdown table."""
    families = (
        ("ladder", LadderState, LADDER_STATES),
        ("step", StepState, STEP_STATES),
        ("list", ListState, LIST_STATES),
        ("point of a list", ItemState, ITEM_STATES),
        ("duty", Duty, DUTIES),
    )
    lines = ["| of | state | vi | en |", "|---|---|---|---|"]
    for name, states, words in families:
        lines.extend(f"| {name} | `{state}` | {words[state][0]} | {words[state][1]} |" for state in states)
    return "\n".join(lines)


def agenda_diagram() -> str:
    """Give the diagram of the life of an item of the agenda."""
    return state_diagram(AGENDA_TABLE, AgendaState.WAITING)


def directive_diagram() -> str:
    """Give the diagram of the life of a directive."""
    return state_diagram(DIRECTIVE_TABLE, DirectiveState.RUNNING)


def proposal_diagram() -> str:
    """Give the diagram of the life of a proposal."""
    return state_diagram(PROPOSAL_TABLE, ProposalState.SENT)


def agenda_words() -> str:
    """Give the words for the states of an item of the agenda, as a Markdown table."""
    return _word_table(AgendaState, AGENDA_STATES)


def directive_words() -> str:
    """Give the words for the states of a directive, then for what becomes of a point of it, as a Markdown table."""
    return _word_table([*DirectiveState, *Answer], {**DIRECTIVE_STATES, **DIRECTIVE_ANSWERS})


def proposal_words() -> str:
    """Give the words for the states of a proposal, as a Markdown table."""
    return _word_table(ProposalState, PROPOSAL_STATES)


def _word_table(states: Iterable[StrEnum], words: Mapping[str, tuple[str, str]]) -> str:
    rows = [f"| `{state}` | {words[state][0]} | {words[state][1]} |" for state in states]
    return "\n".join(["| state | vi | en |", "|---|---|---|", *rows])


def presence_table() -> str:
    """Give the words for what becomes of a point, and for why one is absent, as a Markdown table."""
    lines = ["| state, cause | vi | en |", "|---|---|---|"]
    lines.extend(f"| `{presence}` | {PRESENCES[presence][0]} | {PRESENCES[presence][1]} |" for presence in Presence)
    lines.extend(
        f"| `{Presence.ABSENT}`, `{cause}` | {ABSENCE_CAUSES[cause][0]} | {ABSENCE_CAUSES[cause][1]} |" for cause in AbsenceCause
    )
    return "\n".join(lines)


BLOCKS: Final[Mapping[str, Callable[[], str]]] = {
    "session": session_diagram,
    "call": call_diagram,
    "call-states": call_table,
    "causes": cause_table,
    "roll-call": roll_call_diagram,
    "presence": presence_diagram,
    "floor": floor_diagram,
    "presence-words": presence_table,
    "ladder": ladder_diagram,
    "step": step_diagram,
    "call-list": call_list_diagram,
    "call-list-item": item_diagram,
    "matter-words": matter_table,
    "agenda": agenda_diagram,
    "agenda-words": agenda_words,
    "directive": directive_diagram,
    "directive-words": directive_words,
    "proposal": proposal_diagram,
    "proposal-words": proposal_words,
}


def rendered(document: str) -> str:
    """Give the document with every made block made anew; an unknown name raises KeyError."""
    return _BLOCK.sub(lambda block: f"{block[1]}\n{BLOCKS[block[2]]()}\n\n{block[3]}", document)


def main(arguments: list[str]) -> int:
    """Write the document, or with ``--check`` only compare; give the exit status."""
    text = DOCUMENT.read_text(encoding="utf-8")
    fresh = rendered(text)
    if fresh == text:
        return 0
    if "--check" in arguments:
        sys.stderr.write("BRIDGE.md differs from the tables: run python -m bridge.diagrams\n")
        return 1
    DOCUMENT.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
