"""Events and directories as JSON-ready dictionaries, for the log and the store.

An event is ``{"v": 1, "type": <stable name>, "at": …, <its fields>}``. The names in `EVENT_NAMES` are written into logs that
outlive this code: a name is never given to another event and a field never changes its meaning; another form gets another
``v``. Decoding believes nothing: an unknown name, a missing or an additional field and a value of another type raise
``corrupt_record``.
"""

import types
import typing
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from bridge import agenda_events, directive_events, draw_events, events, proposal_events
from bridge.calls import Evidence
from bridge.errors import BridgeError, corrupt_record
from bridge.events import Event
from bridge.machine import Cause
from bridge.points import Report
from bridge.units import Directory, Point, Unit

FORMAT: Final = 1

EVENT_NAMES: Final[Mapping[str, type]] = types.MappingProxyType(
    {
        "session_prepared": events.SessionPrepared,
        "point_engaged": events.PointEngaged,
        "point_released": events.PointReleased,
        "session_opened": events.SessionOpened,
        "session_closed": events.SessionClosed,
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
    }
)

_NAME_OF: Final = {cls: name for name, cls in EVENT_NAMES.items()}


def _choices(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)


def _field_types(cls: type) -> dict[str, tuple[Any, ...]]:
    hints = typing.get_type_hints(cls)
    return {field.name: _choices(hints[field.name]) for field in fields(cls)}


_FIELDS: Final = {cls: _field_types(cls) for cls in (*EVENT_NAMES.values(), Report, Evidence)}


def encode_event(event: Event) -> dict[str, Any]:
    """Give the event's dictionary."""
    record: dict[str, Any] = {"v": FORMAT, "type": _NAME_OF[type(event)]}
    for name in _FIELDS[type(event)]:
        value = getattr(event, name)
        if isinstance(value, Report | Evidence):
            value = value.to_dict()
        elif isinstance(value, Cause):
            value = value.value
        elif isinstance(value, tuple):
            value = list(value)
        record[name] = value
    return record


def decode_event(record: Mapping[str, Any]) -> Event:
    """Give the event of a dictionary that `encode_event` made, at any time in the past.

    Raises:
        BridgeError: ``corrupt_record``, and no other exception, whatever the dictionary holds.
    """
    if not isinstance(record, Mapping):
        raise corrupt_record("not an object")
    if record.get("v") != FORMAT:
        raise corrupt_record(f"format {record.get('v')!r}")
    name = record.get("type")
    cls = EVENT_NAMES.get(name) if isinstance(name, str) else None
    if cls is None:
        raise corrupt_record(f"type {name!r}")
    values = {key: value for key, value in record.items() if key not in {"v", "type"}}
    event: Event = _build(cls, values, str(name))
    return event


def _build(cls: type, values: Mapping[str, Any], where: str) -> Any:
    expected = _FIELDS[cls]
    if set(values) != set(expected):
        odd = sorted(str(key) for key in set(values) ^ set(expected))
        raise corrupt_record(f"{where}: field {odd[0]}")
    return cls(**{name: _value(values[name], choices, f"{where}.{name}") for name, choices in expected.items()})


def _value(value: Any, choices: tuple[Any, ...], where: str) -> Any:
    if value is None and types.NoneType in choices:
        return None
    for choice in choices:
        if choice in {Report, Evidence} and isinstance(value, Mapping):
            return _build_checked(choice, value, where)
        if choice is Cause and isinstance(value, str) and value in set(Cause):
            return Cause(value)
        if choice == tuple[str, ...] and isinstance(value, list) and all(type(item) is str for item in value):
            return tuple(value)
        if choice == tuple[int, ...] and isinstance(value, list) and all(type(item) is int for item in value):
            return tuple(value)
        if choice is float and isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if choice in {int, str, bool} and type(value) is choice:
            return value
    raise corrupt_record(where)


def _build_checked(cls: type, value: Mapping[str, Any], where: str) -> Any:
    try:
        return _build(cls, value, where)
    except BridgeError as error:
        raise corrupt_record(f"{where}: {error.code}") from error


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
