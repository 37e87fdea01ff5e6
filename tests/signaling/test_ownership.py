"""The real domain behind the owner."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import typing
from pathlib import Path

import pytest

from bridge import commands, events
from bridge.agenda_commands import AgendaEntry
from bridge.commands import Command, OpenSession, PlaceCall, PointArrived, Reconcile
from bridge.errors import BridgeError
from bridge.escalation import Step
from bridge.points import Report
from bridge.roster import Contact, Shift
from bridge.units import Directory, Unit, one_point_each
from config import load
from signaling.ownership import BridgeCodec, rules_of, session_owner
from signaling.presence import Presence
from tests.harness.wait import until
from tests.signaling.stores import NewStore

UNITS = [Unit("VN", "Việt Nam", None, "country"), Unit("79", "TP. Hồ Chí Minh", "VN"), Unit("26740", "Bến Nghé", "79")]


def directory() -> Directory:
    return Directory(UNITS, one_point_each(UNITS))


SAMPLES: dict[type, typing.Any] = {
    Step: Step("phone", "Lan", "", "0901", ""),
    Shift: Shift(1, 2, (Contact("Lan", "", "phone", "0901"),)),
    tuple[Step, ...]: (Step("phone", "Lan", "", "0901", ""),),
    tuple[Shift, ...]: (Shift(1, 2, (Contact("Lan", "", "phone", "0901"),)),),
    str: "26740",
    int: 5,
    bool: True,
    frozenset[str]: frozenset({"26740", "79"}),
    tuple[str, ...]: ("79", "80"),
    tuple[int, ...]: (0, 5),
    tuple[AgendaEntry, ...]: (AgendaEntry("79", "Ô-xy", 60_000), AgendaEntry("80", "", 0, "i1")),
    Report: Report(visible=True, camera="ok", rtt_ms=12.5, device="Máy tính"),
}


@pytest.mark.parametrize("kind", typing.get_args(Command), ids=lambda kind: kind.__name__)
def test_every_command_of_the_domain_survives_the_way(kind: type) -> None:
    hints = typing.get_type_hints(kind)
    values = {}
    for field in dataclasses.fields(kind):
        choices = [choice for choice in typing.get_args(hints[field.name]) or (hints[field.name],) if choice is not type(None)]
        wanted = hints[field.name] if hints[field.name] in SAMPLES else choices[0]
        values[field.name] = SAMPLES[wanted]
    command = kind(**values)
    codec = BridgeCodec()
    assert codec.decode_command(json.loads(json.dumps(codec.encode_command(command)))) == command


def test_a_command_with_a_report_that_cannot_be_is_refused_as_any_other() -> None:
    sent = {"type": "PointArrived", "point": "26740", "report": {"camera": "exploded"}}
    with pytest.raises((ValueError, BridgeError)):
        BridgeCodec().decode_command(sent)


def test_rules_follow_the_settings() -> None:
    given = {"calls.answer_timeout_s": 2.5, "calls.auto_preview": False, "floor.speaking_s": 90, "escalation.step_s": 45}
    settings = load(None, given)
    rules = rules_of(settings.calls, settings.floor, settings.escalation, settings.roster)
    assert (rules.floor_ms, rules.floor_warning_ms) == (90_000, 30_000)
    assert (rules.escalation_step_ms, rules.shift_confirm_ms) == (45_000, 900_000)
    assert (rules.answer_timeout_ms, rules.deliver_timeout_ms, rules.auto_preview) == (2500, 5000, False)


async def test_a_call_over_two_processes(new_store: NewStore, tmp_path: Path) -> None:
    settings = load(None, {"data_dir": tmp_path})
    owners = []
    presences = []
    for process in ("a", "b"):
        store = new_store()
        presence = Presence(store, process)
        await presence.start()
        owner = session_owner("main", store, presence, directory(), settings)
        await owner.start()
        async with asyncio.timeout(10):
            await owner.wait_ready()
        owners.append(owner)
        presences.append(presence)
    a, b = owners
    await b.submit(OpenSession("Phiên họp", "center"))
    presences[1].arrived("main", "26740")
    await presences[1].flush()
    await b.submit(PointArrived("26740", Report(visible=True)))
    [placed] = await a.submit(PlaceCall("26740", "center"))
    assert isinstance(placed, events.CallPlaced)
    with pytest.raises(BridgeError) as refused:
        await b.submit(PlaceCall("26740", "operator"))
    assert refused.value.code == "point_busy"
    await b.submit(commands.RingSent(placed.call))
    await until("a has it too", lambda: a.sequence == b.sequence)
    assert a.bridge.snapshot() == b.bridge.snapshot()

    async def monitor() -> bool:
        plan = await new_store().read_plan("main")
        return plan is not None and plan["slots"]["monitor1"] == ["point:26740"]

    await until("the plan shows the call", monitor)
    await a.close()
    await until("b decides", lambda: b.is_owner)
    assert b.bridge.is_live("26740")
    assert b.bridge.active_call("26740") is not None
    await b.close()
    for presence in presences:
        await presence.close()


async def test_points_that_are_gone_after_a_restart_are_taken_off(new_store: NewStore, tmp_path: Path) -> None:
    settings = load(None, {"data_dir": tmp_path})
    store = new_store()
    first = Presence(store, "first")
    await first.start()
    owner = session_owner("main", store, first, directory(), settings)
    await owner.start()
    for point in ("26740", "79"):
        first.arrived("main", point)
        await owner.submit(PointArrived(point))
    await owner.close()
    await first.close()
    second = Presence(new_store(), "second")
    await second.start()
    second.arrived("main", "79")
    second.arrived("main", "gone-from-the-directory")
    again = session_owner("main", new_store(), second, directory(), settings)
    await again.start()
    async with asyncio.timeout(10):
        await again.wait_ready()
    await until("reconciled", lambda: not again.bridge.is_live("26740"))
    assert again.bridge.is_live("79")
    await again.close()
    await second.close()


def test_reconciling_is_a_command_of_the_domain() -> None:
    assert Reconcile in typing.get_args(Command)
