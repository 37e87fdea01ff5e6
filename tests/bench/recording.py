"""What recording costs the node and the recorder: CPU for each second of a session.

``python -m tests.bench.recording`` lets a center and its guests send pictures of 1.5 Mb/s (25 a second, seven packets each) and a
voice each, puts them into the node's messages and over a socket as the node does, and gives them to a recorder that writes real
files; the recorder's time is virtual, its files go to the disk of the temporary folder. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import socket
import tempfile
import time
from pathlib import Path
from typing import Any

from recorder.shelf import Shelf
from recorder.takes import Takes
from sfu.ids import FeedId, Kind, SessionId, SlotName
from sfu.packets import SourcePacket
from sfu.plan import Plan
from sfu.tap_wire import MESSAGE_MAX_BYTES, batch_bytes, plan_bytes
from tests.recorder.kit import tone

SESSION, CENTER = SessionId("main"), FeedId("center")
PICTURES_PER_S, PACKETS, PACKET_BYTES = 25, 7, 1_070
KEY = bytes([0x10, 0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x00, 0x05, 0xD0, 0x02])
"""A VP8 descriptor and the head of a key frame of 1280 x 720."""
BETWEEN = bytes([0x10, 0x11, 0, 0])
KEY_EVERY_S = 10


def plan_of(guests: tuple[FeedId, ...]) -> bytes:
    """The center on air, every guest in a call of its own."""
    slots = {SlotName("main"): (CENTER,), SlotName("center"): (CENTER,)}
    slots |= {SlotName(f"monitor{number}"): (guest,) for number, guest in enumerate(guests, 1)}
    calls = {SlotName(f"monitor{number}"): (f"c{number}", guest) for number, guest in enumerate(guests, 1)}
    live: dict[Kind, set[FeedId]] = {"video": {CENTER, *guests}, "audio": {CENTER, *guests}}
    return plan_bytes(Plan(SESSION, 1, slots, recording=calls), live)


def picture(number: int) -> list[SourcePacket]:
    """A picture's packets."""
    is_key = number % (PICTURES_PER_S * KEY_EVERY_S) == 0
    timestamp = number * 90_000 // PICTURES_PER_S
    heads = [KEY if is_key else BETWEEN, *[b"\0"] * (PACKETS - 1)]
    return [
        SourcePacket(
            number * PACKETS + place,
            timestamp,
            place == PACKETS - 1,
            head + bytes(PACKET_BYTES - len(head)),
            is_keyframe_start=is_key and place == 0,
        )
        for place, head in enumerate(heads)
    ]


def measure(folder: Path, calls: int, seconds: int) -> dict[str, Any]:
    """A session with so many calls beside its programme."""
    guests = tuple(FeedId(f"point:{number}") for number in range(calls))
    takes = Takes(Shelf(folder, max_bytes=0, min_free_bytes=0), part_s=3_600, wall_ms=lambda at_s: round(at_s * 1_000))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    voice = tone(500, 100)
    node_s = recorder_s = 0.0
    with ours, theirs:
        for tick in range(seconds * 50):
            now = 1_000 + tick / 50
            began = time.process_time()
            if tick % 50 == 0:
                takes.receive(plan_of(guests), now)
            if tick % 10 == 0:
                takes.handle_timeout(now)
            recorder_s += time.process_time() - began
            for source, feed in enumerate((CENTER, *guests), 1):
                batches: list[tuple[Kind, str, int, int, list[SourcePacket]]] = [
                    ("audio", "opus", 100 + source, 48_000, [SourcePacket(tick, tick * 960, False, voice[tick % 100])])
                ]
                if tick % 2 == 0:
                    batches.append(("video", "VP8", source, 90_000, picture(tick // 2)))
                for kind, codec, number, rate_hz, packets in batches:
                    began = time.process_time()
                    ours.send(batch_bytes((SESSION, feed), kind, codec, number, rate_hz, now, (1_000.0, 0), packets))
                    sent = time.process_time()
                    takes.receive(theirs.recv(MESSAGE_MAX_BYTES), now)
                    recorder_s += time.process_time() - sent
                    node_s += sent - began
    began = time.process_time()
    takes.stop(now)
    recorder_s += time.process_time() - began
    written = sum(path.stat().st_size for path in folder.rglob("*.mkv"))
    return {
        "node_ms_per_s": round(node_s / seconds * 1_000, 2),
        "recorder_ms_per_s": round(recorder_s / seconds * 1_000, 2),
        "written_mb_per_s": round(written / seconds / 1e6, 3),
        "files": len(list(folder.rglob("*.mkv"))),
    }


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="of the session, for each line")
    seconds = parser.parse_args().seconds
    result = {}
    for calls in (0, 1, 4):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            result[f"programme_and_{calls}_calls"] = measure(Path(folder), calls, seconds)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
