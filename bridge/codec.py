"""Events and directories as JSON-ready dictionaries, for the log and the store.

An event is ``{"v": 1, "type": <stable name>, "at": …, <its fields>}``. The names in `EVENT_NAMES` are written into logs that
outlive this code: a name is never given to another event and a field never changes its meaning; another form gets another
``v``. Decoding believes nothing: an unknown name, an additional field, a missing one that has no default (a field that was added
later has one), and a value of another type raise ``corrupt_record``. How a class becomes a dictionary is in `bridge.records`.
"""

import types
from collections.abc import Mapping
from typing import Any, Final

from bridge import agenda_events, directive_events, draw_events, events, matter_events, proposal_events, talkback_events
from bridge.errors import corrupt_record
from bridge.events import Event
from bridge.records import Form
from bridge.units import Directory, Point, Unit

FORMAT: Final = 1

EVENT_NAMES: Final[Mapping[str, type]] = types.MappingProxyType(
    {
        "session_prepared": events.SessionPrepared,
        "point_engaged": events.PointEngaged,
        "point_released": events.PointReleased,
        "session_opened": events.SessionOpened,
        "session_closed": events.SessionClosed,
        "recording_started": events.RecordingStarted,
        "recording_stopped": events.RecordingStopped,
        "point_arrived": events.PointArrived,
        "point_left": events.PointLeft,
        "point_reported": events.PointReported,
        "media_started": events.MediaStarted,
        "media_stopped": events.MediaStopped,
        "call_placed": events.CallPlaced,
        "call_ringing": events.CallRinging,
        "call_delivered": events.CallDelivered,
        "call_answered": events.CallAnswered,
        "call_connected": events.CallConnected,
        "call_previewed": events.CallPreviewed,
        "call_taken": events.CallTaken,
        "call_take_announced": events.CallTakeAnnounced,
        "call_take_cancelled": events.CallTakeCancelled,
        "call_taken_off_air": events.CallTakenOffAir,
        "call_interrupted": events.CallInterrupted,
        "call_resumed": events.CallResumed,
        "call_ended": events.CallEnded,
        "call_failed": events.CallFailed,
        "call_noted": events.CallNoted,
        "call_clock_restarted": events.CallClockRestarted,
        "roll_call_started": events.RollCallStarted,
        "presence_confirmed": events.PresenceConfirmed,
        "roll_call_extended": events.RollCallExtended,
        "roll_call_closed": events.RollCallClosed,
        "floor_asked": events.FloorAsked,
        "floor_withdrawn": events.FloorWithdrawn,
        "floor_given": events.FloorGiven,
        "floor_started": events.FloorStarted,
        "floor_warned": events.FloorWarned,
        "floor_extended": events.FloorExtended,
        "floor_missed": events.FloorMissed,
        "floor_taken_back": events.FloorTakenBack,
        "point_called_back": matter_events.PointCalledBack,
        "call_explained": matter_events.CallExplained,
        "call_list_started": matter_events.CallListStarted,
        "call_list_continued": matter_events.CallListContinued,
        "call_list_moved": matter_events.CallListMoved,
        "call_list_skipped": matter_events.CallListSkipped,
        "call_list_ended": matter_events.CallListEnded,
        "escalation_started": matter_events.EscalationStarted,
        "escalation_stepped": matter_events.EscalationStepped,
        "contact_marked": matter_events.ContactMarked,
        "alert_confirmed": matter_events.AlertConfirmed,
        "escalation_ended": matter_events.EscalationEnded,
        "escalation_clock_restarted": matter_events.EscalationClockRestarted,
        "roster_set": matter_events.RosterSet,
        "shift_confirmed": matter_events.ShiftConfirmed,
        "agenda_set": agenda_events.AgendaSet,
        "agenda_item_called": agenda_events.AgendaItemCalled,
        "agenda_item_missed": agenda_events.AgendaItemMissed,
        "agenda_item_skipped": agenda_events.AgendaItemSkipped,
        "directive_issued": directive_events.DirectiveIssued,
        "directive_acknowledged": directive_events.DirectiveAcknowledged,
        "directive_due": directive_events.DirectiveDue,
        "directive_withdrawn": directive_events.DirectiveWithdrawn,
        "proposal_sent": proposal_events.ProposalSent,
        "proposal_forwarded": proposal_events.ProposalForwarded,
        "proposal_answered": proposal_events.ProposalAnswered,
        "points_drawn": draw_events.PointsDrawn,
        "point_called_elsewhere": draw_events.PointCalledElsewhere,
        "talkback_started": talkback_events.TalkbackStarted,
        "talkback_renewed": talkback_events.TalkbackRenewed,
        "talkback_stopped": talkback_events.TalkbackStopped,
    }
)

_FORMS: Final[Mapping[str, Form[Any]]] = {name: Form(cls, name, more=("v", "type")) for name, cls in EVENT_NAMES.items()}
_NAME_AND_FORM: Final = {cls: (name, _FORMS[name]) for name, cls in EVENT_NAMES.items()}


def encode_event(event: Event) -> dict[str, Any]:
    """Give the event's dictionary."""
    name, form = _NAME_AND_FORM[type(event)]
    return form.write(event, {"v": FORMAT, "type": name})


def decode_event(record: Mapping[str, Any]) -> Event:
    """Give the event of a dictionary that `encode_event` made, at any time in the past.

    Raises:
        BridgeError: ``corrupt_record``, and no other exception, whatever the dictionary holds.
    """
    if type(record) is not dict:
        raise corrupt_record("not an object")
    if record.get("v") != FORMAT:
        raise corrupt_record(f"format {record.get('v')!r}")
    name = record.get("type")
    form = _FORMS.get(name) if isinstance(name, str) else None
    if form is None:
        raise corrupt_record(f"type {name!r}")
    event: Event = form.read(record)
    return event


def encode_directory(directory: Directory) -> dict[str, Any]:
    """Give a directory as rows: units as ``[code, name, parent, kind]``, points as ``[code, unit, name]``, both in tree order."""
    return {
        "version": directory.version,
        "units": [[unit.code, unit.name, unit.parent, unit.kind] for unit in directory.units],
        "points": [[point.code, point.unit, point.name] for point in directory.points],
    }


def decode_directory(record: Mapping[str, Any]) -> Directory:
    """Give the directory of a dictionary that `encode_directory` made.

    Raises:
        BridgeError: ``corrupt_record`` when it has another form; ``bad_directory`` or ``bad_identifier`` when it does not fit
            together.
    """
    try:
        units = [Unit(*_row(row, 4)) for row in record["units"]]
        points = [Point(*_row(row, 3)) for row in record["points"]]
    except (KeyError, TypeError, ValueError) as error:
        raise corrupt_record(f"directory: {error!r}") from error
    return Directory(units, points)


def _row(row: Any, length: int) -> list[Any]:
    if not isinstance(row, list | tuple) or len(row) != length:
        raise ValueError("row")
    if any(not isinstance(cell, str) and not (cell is None and length == 4 and place == 2) for place, cell in enumerate(row)):
        raise ValueError("cell")
    return list(row)
