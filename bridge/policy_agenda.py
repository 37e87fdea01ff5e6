"""Who may lead the agenda: those who preside, over points of their scope."""

from collections.abc import Mapping
from typing import Final

from bridge import agenda_commands as commands
from bridge.agenda_errors import unknown_item
from bridge.errors import forbidden
from bridge.policy_rules import Account, Known, Rule, require_presiding, require_within


def _set(account: Account, command: commands.SetAgenda, known: Known) -> None:
    require_presiding(account, known)
    for entry in command.items:
        require_within(account, entry.point, known)


def _next(account: Account, _command: commands.NextSpeaker, known: Known) -> None:
    require_presiding(account, known)
    point = known.next_speaker()
    if point is not None:
        require_within(account, point, known)
    if not all(known.directory.is_within(each, account.scope) for each in known.on_stage()):
        raise forbidden("thay điểm cầu đang phát ngoài phạm vi của mình", "send a point off air outside of its scope")


def _skip(account: Account, command: commands.SkipSpeaker, known: Known) -> None:
    require_presiding(account, known)
    point = known.point_of(command.item)
    if point is None:
        raise unknown_item(command.item)
    require_within(account, point, known)


RULES: Final[Mapping[type, Rule]] = {
    commands.SetAgenda: _set,
    commands.NextSpeaker: _next,
    commands.SkipSpeaker: _skip,
}
