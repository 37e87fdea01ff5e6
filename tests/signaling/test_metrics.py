"""The exposition: own numbers, the node's numbers, and a node that is away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from signaling.media import MediaUnavailable
from signaling.metrics import MAX_NODE_NUMBERS, Metrics, Number
from tests.signaling.world import World, point_hello

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def samples(text: str) -> dict[str, float]:
    return {sample.name: sample.value for family in text_string_to_metric_families(text) for sample in family.samples}


async def node_away() -> Mapping[str, float]:
    raise MediaUnavailable("away")


async def test_numbers_are_read_at_the_scrape() -> None:
    value = [1.0]
    metrics = Metrics([Number("a", "gauge", "A.", lambda: value[0]), Number("b", "counter", "B.", lambda: 7)], node_away)
    assert samples((await metrics.text()).decode()) == {"diemcau_a": 1, "diemcau_b_total": 7, "diemcau_node_up": 0}
    value[0] = 2.0
    assert samples((await metrics.text()).decode())["diemcau_a"] == 2


async def test_strange_and_many_numbers_of_the_node_do_no_harm() -> None:
    async def node() -> Mapping[str, float]:
        return {"Evil\n# HELP": 1, **{f"n{number}": number for number in range(MAX_NODE_NUMBERS + 100)}}

    found = samples((await Metrics([], node).text()).decode())
    assert found["diemcau_node_n1"] == 1
    assert len(found) <= MAX_NODE_NUMBERS + 1
    assert not [name for name in found if "vil" in name]


async def test_of_the_service(world: World) -> None:
    await world.desk()
    await world.console()
    bad = await world.connect()
    await bad.say(point_hello(secret="A" * 22))
    await bad.hear_close()
    response = await world.client.get("/metrics")
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    found = samples(await response.text())
    assert found["diemcau_points_connected"] == found["diemcau_points_live"] == 1
    assert found["diemcau_consoles_connected"] == 1
    assert found["diemcau_hellos_bad_total"] == 1
    assert found["diemcau_loop_lag_seconds"] >= 0
    assert found["diemcau_cpu_seconds_total"] > 0
    assert found["diemcau_resident_bytes"] > 10e6
    assert found["diemcau_heap_collections_total"] == found["diemcau_messages_waiting"] == 0
    assert (world.service.door.opened, world.service.door.ended) == (3, 1)
    assert found["diemcau_node_up"] == 1
    assert found["diemcau_node_packets_out"] == 12345
    page = set(re.findall(r"`([a-z_]+)`", PAGE.read_text().split("## The process of signaling")[1].split("## The media node")[0]))
    own = {name.removeprefix("diemcau_") for name in found if not name.startswith("diemcau_node_") or name == "diemcau_node_up"}
    assert own == page - {"diemcau_"}, "docs/operations.md says what each number tells"
    world.node.ready = False
    found = samples(await (await world.client.get("/metrics")).text())
    assert found["diemcau_node_up"] == 0
    assert "diemcau_node_packets_out" not in found
