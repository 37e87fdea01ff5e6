"""Talkback as PROTOCOL.md sends it: what consoles order, and what the point and the consoles hear."""

from __future__ import annotations

from typing import Final, Literal

from bridge.talkback import Talk
from bridge.talkback_commands import StartTalkback, StopTalkback
from signaling.message_fields import ClientModel, Code, ServerModel, Text200


class TalkbackOrder(ClientModel):
    """Speak to the point of a call, which alone hears it; or speak no more."""

    kind: Literal["start_talkback", "stop_talkback"]
    call: Code

    def command(self, by: str) -> StartTalkback | StopTalkback:
        """The domain's form."""
        return StartTalkback(self.call, by) if self.kind == "start_talkback" else StopTalkback(self.call, by)


class TalkbackMessage(ServerModel):
    """To the point of a call, and to consoles: somebody speaks to it alone, or has ceased to."""

    type: Literal["talkback"] = "talkback"
    call: Code
    on: bool
    by: Text200
    """The account that speaks, or spoke."""
    by_name: Text200
    """Its name, as the point's page shows it; where the account has none, what it is."""


_CENTER: Final = "Trung tâm"
_OPERATOR: Final = "Điều hành viên"


def talkback_of(call: str, by: str, *, on: bool) -> TalkbackMessage:
    """The message for a talk; the name of ``operator:lan`` is ``lan``, and ``center`` has none but that it is the center."""
    role, _, name = by.partition(":")
    return TalkbackMessage(call=call, on=on, by=by, by_name=name or (_CENTER if role == "center" else _OPERATOR))


def message_of(talk: Talk) -> TalkbackMessage:
    """The message for a talk that runs."""
    return talkback_of(talk.call, talk.by, on=True)
