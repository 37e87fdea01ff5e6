"""What it costs to move viewers from one session to another, one by one: ``python -m tests.bench.moves``.

A node's engine with viewers of five slots (two pictures, three sounds) and a center in both sessions; nothing is encrypted or
sent while they move, so this is what a move itself holds the node's one thread for. Handshakes are left out.

Conclusion (2 cores shared with other work, CPython 3.11): 9.6 µs a move among 100 viewers, 10.8 µs among 10,000, and 17 to 19 µs
where the new session is silent and every slot is let go; 5 µs for reading the request and writing its answer. 10,000 viewers, one
by one, are 0.11 s (0.20 s into silence), and the loop is held for one of them at a time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import Any, cast

from sfu import control_wire as wire
from sfu.dispatch import Dispatcher
from sfu.engine import Engine
from sfu.fanout import ReferenceFanout
from sfu.ids import Address, FeedId, Kind, PeerId, SessionId, SlotName
from sfu.legs import Leg
from sfu.packets import SourcePacket, WireProfile
from sfu.peer import Peer
from sfu.plan import Plan
from sfu.source import Source
from sfu.srtp import SessionKeys, Suite, derive_session_keys
from sfu.transport import Transport
from sfu.viewer import Viewer

MAIN, OTHER, NOWHERE = SessionId("main"), SessionId("other"), SessionId("nowhere")
CENTER = FeedId("center")
SLOTS: tuple[tuple[Kind, str], ...] = (
    ("video", "main"),
    ("video", "inset"),
    ("audio", "center"),
    ("audio", "guest1"),
    ("audio", "guest2"),
)
PLAN = {SlotName("main"): (CENTER,), SlotName("center"): (CENTER,)}
CODECS: dict[Kind, tuple[str, int]] = {"video": ("VP8", 90_000), "audio": ("opus", 48_000)}


class _Nowhere:
    """An outlet that takes everything."""

    def send(self, vectors: object, segment_bytes: int, address: Address) -> bool:
        return True


def _leg(ssrc: int, kind: Kind, slot: str, keys: SessionKeys) -> Leg:
    codec, clock_rate_hz = CODECS[kind]
    leg = Leg(
        slot=SlotName(slot),
        kind=kind,
        ssrc=ssrc,
        clock_rate_hz=clock_rate_hz,
        profiles={codec: WireProfile.of(96, {})},
        owner=FeedId(f"point:{ssrc >> 3}"),
        first_sequence=1,
        first_timestamp=1,
    )
    leg.open(Suite.AES_128_GCM, keys)
    leg.address = ("127.0.0.1", 9)
    return leg


def stage(viewers: int) -> tuple[Engine, Dispatcher, dict[SessionId, list[Source]]]:
    """A node with that many viewers in ``main``, all of whom follow its center."""
    dispatcher = Dispatcher(ReferenceFanout(_Nowhere()))
    engine = Engine(dispatcher, ntp_offset_s=0.0, started_at=0.0)
    sources: dict[SessionId, list[Source]] = {}
    for session in (MAIN, OTHER):
        engine.set_plan(Plan(session, 1, PLAN), 0.0)
        sources[session] = [
            Source(kind=kind, codec=codec, clock_rate_hz=rate, keyframe_interval_s=1.0) for kind, (codec, rate) in CODECS.items()
        ]
        for source in sources[session]:
            engine._sessions.routes(session).set_source(CENTER, source.kind, source, 0.0)
    keys = derive_session_keys(Suite.AES_128_GCM, bytes(16), bytes(12))
    for number in range(viewers):
        legs = tuple(_leg(number << 3 | n, kind, slot, keys) for n, (kind, slot) in enumerate(SLOTS))
        viewer = Viewer(peer=PeerId(f"peer-{number}"), session=MAIN, owner=legs[0].owner, legs=legs, cname="x")
        peer = Peer(id=viewer.peer, session=MAIN, transport=cast("Transport", None), joined_at=0.0, viewer=viewer)
        peer.inbound = cast("Any", viewer)  # connected, as far as a move looks
        engine._peers[peer.id] = peer
        routes = engine._sessions.enter(MAIN)
        for leg in legs:
            routes.add(leg, 0.0)
    return engine, dispatcher, sources


def send(dispatcher: Dispatcher, sources: list[Source], index: int) -> float:
    """A key frame and a sound of a session's center; returns the seconds that took."""
    began = time.process_time()
    for source in sources:
        packet = SourcePacket(index, index * 3000, True, b"\x10\x10\x02\x00" + b"%d" % index, 0, (), source.kind == "video")
        for batch in source.receive(packet, 1.0).batches:
            dispatcher.submit(source, batch, 1.0)
    while dispatcher.run():
        pass
    return time.process_time() - began


def _move_all(engine: Engine, viewers: int, session: SessionId) -> list[float]:
    """Microseconds of each move."""
    costs = []
    for number in range(viewers):
        began = time.perf_counter()
        engine.move(PeerId(f"peer-{number}"), session, 1.0)
        costs.append((time.perf_counter() - began) * 1e6)
    return costs


def _row(costs: list[float]) -> dict[str, float]:
    ordered = sorted(costs)
    return {
        "us_median": round(statistics.median(ordered), 2),
        "us_p99": round(ordered[len(ordered) * 99 // 100], 2),
        "seconds_all": round(sum(ordered) / 1e6, 3),
    }


def measure(viewers: int) -> dict[str, Any]:
    """Moves everybody into a session with a center, lets them begin there, and moves them on to one that is silent."""
    engine, dispatcher, sources = stage(viewers)
    send(dispatcher, sources[MAIN], 1)
    result: dict[str, Any] = {"viewers": viewers, "to_a_center": _row(_move_all(engine, viewers, OTHER))}
    result["key_frame_to_all_s"] = round(send(dispatcher, sources[OTHER], 1), 3)
    assert len(sources[OTHER][0].legs) == viewers, "everybody follows the other center now"
    result["to_silence"] = _row(_move_all(engine, viewers, NOWHERE))
    assert not sources[OTHER][0].legs, "nobody follows it any more"
    line = json.dumps({"id": 1, "op": "move", "peer": "p" * 33, "session": "other"}).encode()
    began = time.perf_counter()
    for _ in range(viewers):
        wire.parse_request(line)
        wire.answer(1, {})
    result["request_us"] = round((time.perf_counter() - began) * 1e6 / viewers, 2)
    return result


def main() -> None:
    """Prints one JSON line for each number of viewers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, nargs="+", default=[100, 1_000, 10_000])
    for viewers in parser.parse_args().viewers:
        print(json.dumps(measure(viewers)))


if __name__ == "__main__":
    main()
