"""What the service has said is on disk, and whether its log has it: nothing acknowledged is missing, nothing is there twice.

witness = Witness()
witness.acknowledged("c7", "call_placed", call="c7")     # something that an answer or a message proves
witness.call(view)                                       # everything that the view of a call proves
faults = witness.faults(events, numbers)                 # of the log: its events and their sequence numbers
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

Json = Mapping[str, Any]
Fact = tuple[str, str]
"""A type of event, and its identifying fields as JSON."""

IDENTITY: Final[Mapping[str, tuple[str, ...]]] = {
    "session_prepared": (),
    "session_opened": (),
    "session_closed": (),
    "call_placed": ("call",),
    "call_delivered": ("call",),
    "call_answered": ("call",),
    "call_connected": ("call",),
    "call_ended": ("call",),
    "call_failed": ("call",),
    "call_explained": ("call", "name", "text"),
    "point_called_back": ("call", "note"),
    "escalation_started": ("escalation",),
    "escalation_stepped": ("escalation", "step"),
    "contact_marked": ("escalation", "step", "outcome"),
    "alert_confirmed": ("escalation", "step", "text"),
    "escalation_ended": ("escalation",),
    "roll_call_started": ("roll_call",),
    "presence_confirmed": ("roll_call", "point"),
    "roll_call_closed": ("roll_call",),
    "roster_set": ("point", "shifts"),
    "shift_confirmed": ("point", "start"),
}
"""Which fields make an event of a type the only one of its kind in a session's log. Others, such as arrivals, come again."""

CALL_TIMES: Final = {
    "placed_at": "call_placed",
    "delivered_at": "call_delivered",
    "answered_at": "call_answered",
}


def fact(kind: str, fields: Json) -> Fact:
    """The fact that an event of this type with these fields states."""
    return kind, json.dumps({name: fields[name] for name in IDENTITY[kind]}, ensure_ascii=False, sort_keys=True)


class Witness:
    """Collects what was acknowledged about one session."""

    def __init__(self) -> None:
        self.facts: dict[Fact, set[int]] = {}
        """What was acknowledged, with the times that were told (none, where only the fact was told)."""

    def acknowledged(self, kind: str, at: int | None = None, **fields: Any) -> None:
        """The service has said that this is on disk, and that it happened at that time, if one is given."""
        times = self.facts.setdefault(fact(kind, fields), set())
        if at is not None:
            times.add(at)

    def call(self, view: Json) -> None:
        """A call as the service showed it."""
        for name, kind in CALL_TIMES.items():
            if view[name] is not None:
                self.acknowledged(kind, view[name], call=view["id"])
        if view["state"] in {"ended", "failed"}:
            self.acknowledged(f"call_{view['state']}", view["ended_at"], call=view["id"])

    def ladder(self, view: Json) -> None:
        """An escalation as the service showed it."""
        escalation = view["id"]
        self.acknowledged("escalation_started", view["started_at"], escalation=escalation)
        for step in view["steps"]:
            number = step["step"]
            if step["started_at"] is not None:
                self.acknowledged("escalation_stepped", step["started_at"], escalation=escalation, step=number)
            if step["outcome"] is not None and step["kind"] == "phone":
                self.acknowledged("contact_marked", step["ended_at"], escalation=escalation, step=number, outcome=step["outcome"])
            if step["confirmed_at"] is not None:
                self.acknowledged(
                    "alert_confirmed", step["confirmed_at"], escalation=escalation, step=number, text=step["confirmed_text"]
                )
        if view["ended_at"] is not None:
            self.acknowledged("escalation_ended", view["ended_at"], escalation=escalation)

    def faults(self, events: Sequence[Json], numbers: Sequence[int]) -> list[str]:
        """What is wrong with a log: missing or doubled events, other times than told, gaps in the sequence."""
        found = [fact(event["type"], event) for event in events if event["type"] in IDENTITY]
        times: dict[Fact, int] = {fact(event["type"], event): event["at"] for event in events if event["type"] in IDENTITY}
        said = [f"missing: {each}" for each in self.facts if each not in times]
        said += [f"{count} times: {each}" for each, count in Counter(found).items() if count > 1]
        said += [
            f"{each} at {times[each]}, told as {sorted(told)}"
            for each, told in self.facts.items()
            if each in times and told - {times[each]}
        ]
        if list(numbers) != list(range(1, len(events) + 1)):
            said.append(f"the sequence of {len(events)} events has gaps: {list(numbers)[:20]}…")
        return said
