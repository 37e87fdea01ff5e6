"""5 September 2021: 63 provinces, 705 districts and 9,043 communes in one meeting, one roll call, 300 do not answer.

The real service over HTTP and WebSocket, 9,811 simulated points live at once. The roll call's minute is scaled to `ROLL_CALL_S`
seconds, the rest is as it was. docs/scenes/5-september.md is the same by hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.crowd import Confirmation, Crowd, Script
from tests.harness.crowd_console import CrowdConsole
from tests.harness.nation import nation_of_5_september, points_of_5_september
from tests.harness.service import ROOT, Service, start_service
from tests.harness.wait import until

pytestmark = pytest.mark.service

POINTS, ABSENT = 9_811, 300
SEED = 20210905
ROLL_CALL_S = 40
ANSWERED_WITHIN_S = 6.0
JOINED_WITHIN_S = 90
READY = 1
HCMC = "79"

STORM = {"LIMITS__JOINS_PER_S": "5000", "LIMITS__JOINS_PER_ADDRESS_PER_S": "5000"}
"""All points come from one address, and this test has no time for the queue in front of the usual 400 a second."""


@pytest.fixture(scope="module")
def meeting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose directory is the meeting of the day, imported as an operator imports it."""
    folder = tmp_path_factory.mktemp("scene")
    with start_service(folder) as first:
        command = [sys.executable, "-m", "cli.main", "units", "import", "-", "--data-dir", str(first.data_dir)]
        units = subprocess.run([sys.executable, "-m", "tests.harness.nation"], cwd=ROOT, capture_output=True, check=True)
        imported = subprocess.run(command, cwd=ROOT, input=units.stdout, capture_output=True, check=False)
        assert imported.stdout.decode().startswith("9812 units, 9811 points"), imported.stderr.decode()
    with start_service(folder, STORM) as service:
        yield service


async def asked(service: Service, path: str, scope: tuple[str, ...] = ("VN",)) -> dict[str, Any]:
    """What the service answers to an operator of a scope."""
    status, text = await asyncio.to_thread(service.get, f"/api/sessions/main/roll-calls{path}", service.token("operator", scope))
    assert status == 200, text
    return dict(json.loads(text))


def numbers(row: dict[str, Any]) -> dict[str, int]:
    """The counters of a row of the board."""
    return {name: row[name] for name in ("asked", "present", "late", "no_answer", "offline")}


def expected_rows(absent: set[str]) -> dict[str, dict[str, int]]:
    """The counters of every province, from the directory and those who do not answer alone."""
    directory = nation_of_5_september()
    all_of = Counter(directory.path(point.code)[1].code for point in directory.points)
    missing_of = Counter(directory.path(code)[1].code for code in absent)
    return {
        province.code: {
            "asked": all_of[province.code],
            "present": all_of[province.code] - missing_of[province.code],
            "late": 0,
            "no_answer": missing_of[province.code],
            "offline": 0,
        }
        for province in directory.children("VN")
    }


async def test_all_but_300_answer_and_the_300_are_listed_by_province(meeting: Service) -> None:
    points = points_of_5_september()
    absent = set(random.Random(SEED).sample(points, ABSENT))
    rows = expected_rows(absent)
    assert (len(points), len(rows)) == (POINTS, 63)
    async with contextlib.AsyncExitStack() as stack:
        center = await stack.enter_async_context(CrowdConsole(meeting, "center", directory=nation_of_5_september()))
        city = await stack.enter_async_context(CrowdConsole(meeting, scope=(HCMC,), directory=nation_of_5_september()))
        crowd = await stack.enter_async_context(Crowd(meeting))

        # The whole country is there.
        await crowd.join(points, within_s=JOINED_WITHIN_S)
        await until("the console shows every point ready", lambda: center.in_state(READY) == POINTS, 30)
        await until("an operator of the city sees the city", lambda: city.in_state(READY) == rows[HCMC]["asked"])

        # One roll call. Everybody is asked; all but 300 answer.
        for number, code in enumerate(code for code in points if code not in absent):
            after_s = number / (POINTS - ABSENT) * ANSWERED_WITHIN_S
            crowd[code].script = Script(roll_call=Confirmation(f"Trực ban {code}", "Phó Chủ tịch", after_s))
        roll_call = (await center.order("start_roll_call", seconds=ROLL_CALL_S)).roll_call
        await until("every point is asked", lambda: crowd.heard("roll_call") == POINTS, ROLL_CALL_S)
        await until(
            "the answers are counted", lambda: center.boards[roll_call]["total"]["present"] == POINTS - ABSENT, ROLL_CALL_S
        )
        assert center.boards[roll_call]["state"] == "asking"
        still = await asked(meeting, f"/{roll_call}?status=waiting&limit=1000")
        assert {row["point"] for row in still["points"]} == absent, "who is missing can be seen while it asks"

        # Its time runs out.
        await until("it is over", lambda: center.boards[roll_call]["state"] == "closed", 2 * ROLL_CALL_S)
        board = center.boards[roll_call]
        # A process that has just started looks after ten seconds who is there; clocks that run then start afresh.
        assert ROLL_CALL_S * 1000 <= board["deadline"] - board["started_at"] < 2 * ROLL_CALL_S * 1000
        assert board["closed_at"] >= board["deadline"]
        assert numbers(board["total"]) == {
            "asked": POINTS,
            "present": POINTS - ABSENT,
            "late": 0,
            "no_answer": ABSENT,
            "offline": 0,
        }
        assert {row["unit"]: numbers(row) for row in board["units"]} == rows
        shown = [row["no_answer"] for row in board["units"]]
        assert shown == sorted(shown, reverse=True), "those with most missing stand first"
        await until("the city's board too", lambda: city.boards[roll_call]["state"] == "closed")
        assert numbers(city.boards[roll_call]["total"]) == rows[HCMC]

        # The 300, by code and by province.
        missing = await asked(meeting, f"/{roll_call}?limit=1000")
        assert [row["point"] for row in missing["points"]] == [code for code in points if code in absent]
        assert {(row["presence"], row["cause"]) for row in missing["points"]} == {("absent", "no_answer")}
        assert not missing["has_more"]
        assert {row["unit"]: numbers(row) for row in missing["roll_call"]["units"]} == rows
        directory = nation_of_5_september()
        for province in directory.children("VN"):
            own = await asked(meeting, f"/{roll_call}?unit={province.code}&limit=1000")
            listed = [row["point"] for row in own["points"]]
            assert listed == [code for code in absent_in_order(absent) if directory.is_within(code, (province.code,))]
            assert numbers(own["roll_call"]["total"]) == rows[province.code]

        # Every point knows what became of it: those who answered by their own name, those who did not that they may still.
        def all_know() -> bool:
            for point in crowd:
                told = point.message("roll_call")
                assert told is not None
                question = told["roll_call"]
                if point.code in absent:
                    assert (question["presence"], question["cause"], question["state"]) == ("absent", "no_answer", "closed")
                else:
                    assert (question["presence"], question["name"]) == ("present", f"Trực ban {point.code}")
            return True

        await until("every point was told", all_know, 30, every_s=0.5)

        # One of them comes late, and is late.
        late = min(absent)
        crowd[late].say("present", roll_call=roll_call, name="Trần Văn Minh", function="Chủ tịch")
        await until("it is counted as late", lambda: center.boards[roll_call]["total"]["late"] == 1)
        found = await asked(meeting, f"/{roll_call}?status=late")
        assert [(row["point"], row["name"]) for row in found["points"]] == [(late, "Trần Văn Minh")]
        assert len((await asked(meeting, f"/{roll_call}?limit=1000"))["points"]) == ABSENT - 1
        assert crowd.live == POINTS, "nobody lost the line meanwhile"
        log = await asyncio.to_thread(meeting.event_log)

    # The record says the same, each answer once.
    mine = [event for event in log if event.get("roll_call") == roll_call]
    assert Counter(event["type"] for event in mine) == {
        "roll_call_started": 1,
        "presence_confirmed": POINTS - ABSENT + 1,
        "roll_call_closed": 1,
    }
    confirmed = Counter(event["point"] for event in mine if event["type"] == "presence_confirmed")
    assert confirmed == Counter(set(points) - absent | {late})


def absent_in_order(absent: set[str]) -> list[str]:
    """Those who do not answer, in directory order."""
    return sorted(absent, key=nation_of_5_september().index_of)
