"""From the node's messages to files: what is shown, when, in which parts, and what becomes of them when something ends."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import av
import pytest

import recorder.shelf
from recorder.shelf import Shelf
from recorder.take import RETRY_S
from recorder.takes import SILENT_NODE_S, Takes
from sfu.ids import FeedId, Kind, SessionId, SlotName
from sfu.packets import SourcePacket
from sfu.plan import Plan
from sfu.tap_wire import TappedPacket, batch_bytes, plan_bytes
from tests.recorder.kit import h264, h264_packets, tone, vp8, vp8_packets

MAIN = SessionId("main")
CENTER, POINT = FeedId("center"), FeedId("point:26740")
EPOCH_MS = 1_795_000_000_000


class World:
    """A recorder without sockets, and publishers that send it pictures at 25 a second and sound."""

    def __init__(self, folder: Path, part_s: float = 3600) -> None:
        self.folder = folder
        self.shelf = Shelf(folder, max_bytes=0, min_free_bytes=0)
        self.takes = Takes(self.shelf, part_s=part_s, wall_ms=lambda at_s: EPOCH_MS + round(at_s * 1000))
        self.now = 1_000.0
        self.sent: dict[int, int] = {}
        self.indexes: dict[int, int] = {}
        self.plan_args: tuple[Any, ...] = ()

    def plan(self, main: tuple[FeedId, ...] = (CENTER,), call: str | None = None, live: tuple[FeedId, ...] = (CENTER,)) -> None:
        """The plan as the node tells it."""
        self.plan_args = (main, call, live)
        slots = {SlotName("main"): main, SlotName("center"): (CENTER,), SlotName("guest1"): (POINT,) if len(main) > 1 else ()}
        slots[SlotName("monitor1")] = (POINT,) if call else ()
        recording = {SlotName("monitor1"): (call, "Phường 10")} if call else {}
        flowing: dict[Kind, set[FeedId]] = {"video": set(live), "audio": set(live)}
        self.takes.receive(plan_bytes(Plan(MAIN, 1, slots, recording=recording), flowing), self.now)

    def stop(self) -> None:
        """Nothing is recorded any more."""
        self.takes.receive(plan_bytes(Plan(MAIN, 2, {}), {"video": set(), "audio": set()}), self.now)

    def picture(self, feed: FeedId, source: int, codec: str = "VP8", *, key: bool | None = None) -> None:
        """The next picture of a source; a key frame when its encoder says so, or where asked."""
        number = self.sent.get(source, 0)
        if key:
            number = (number // 25 + 1) * 25 if number % 25 else number
        self.sent[source] = number + 1
        index = self.indexes.get(source, 1_000)
        timestamp = round(self.now * 90_000)
        if codec == "VP8":
            packets = vp8_packets(vp8(200, every=25)[number % 200], index, timestamp)
        else:
            packets = h264_packets(h264(200)[number % 200], index, timestamp)
        self.indexes[source] = index + len(packets)
        self.batch(feed, "video", codec, source, 90_000, packets)

    def sound(self, feed: FeedId, source: int) -> None:
        """The next 20 ms of a source."""
        index = self.indexes[source] = self.indexes.get(source, 0) + 1
        packet = TappedPacket(index, round(self.now * 48_000), False, True, tone(500, 100)[index % 100])
        self.batch(feed, "audio", "opus", source, 48_000, [packet])

    def batch(self, feed: FeedId, kind: Kind, codec: str, source: int, rate: int, packets: list[TappedPacket]) -> None:
        sent = [SourcePacket(p.index, p.timestamp, p.marker, p.payload, is_keyframe_start=p.is_keyframe_start) for p in packets]
        self.takes.receive(batch_bytes((MAIN, feed), kind, codec, source, rate, self.now, (0.0, 0), sent), self.now)

    def run(self, seconds: float, *feeds: tuple[FeedId, int, str]) -> None:
        """Lets feeds send; of each the source's number, whose sound is that plus 100, and the codec."""
        for step in range(round(seconds * 50)):
            for feed, source, codec in feeds:
                if step % 2 == 0:
                    self.picture(feed, source, codec)
                self.sound(feed, source + 100)
            self.now += 0.02
            if step % 10 == 0:
                self.takes.handle_timeout(self.now)
            if step % 50 == 0:
                self.plan(*self.plan_args)

    def said(self) -> dict[str, dict[str, Any]]:
        """What lies beside each part."""
        return {path.stem: json.loads(path.read_text()) for path in sorted(self.folder.glob("main/*-*.json"))}

    def frames(self, name: str) -> list[float]:
        """When pictures of a part are shown; raises when one cannot be decoded."""
        with av.open(str(self.folder / "main" / f"{name}.mkv")) as file:
            return [float(frame.time) for frame in file.decode(file.streams.video[0])]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "recordings")


def test_the_programme_from_its_first_key_frame_to_the_word(world: World) -> None:
    world.plan()
    world.run(4, (CENTER, 1, "VP8"))
    assert world.said()["programme-001"]["state"] == "recording"
    world.stop()
    said = world.said()["programme-001"]
    assert (said["state"], said["kind"], said["codec"], said["started_at"]) == ("ready", "programme", "VP8", EPOCH_MS + 1_000_000)
    assert said["length_ms"] == pytest.approx(4_000, abs=50)
    assert said["shown"] == [{"feed": "center", "name": "Trung tâm", "from_ms": 0, "to_ms": said["length_ms"]}]
    assert world.frames("programme-001") == [pytest.approx(number * 0.04, abs=0.002) for number in range(100)]
    assert not json.loads((world.folder / "main" / "status.json").read_text())["is_recording"]


def test_who_is_first_and_live_is_shown_from_the_next_key_frame_on(world: World) -> None:
    world.plan()
    world.run(2, (CENTER, 1, "VP8"))
    world.sent[2] = 5  # the point's encoder has begun before: its next key frame is twenty pictures away
    world.plan((POINT, CENTER), "c1", (CENTER, POINT))
    world.run(2, (CENTER, 1, "VP8"), (POINT, 2, "VP8"))
    world.plan((POINT, CENTER), "c1", (CENTER,))
    world.run(2, (CENTER, 1, "VP8"))
    world.stop()
    shown = world.said()["programme-001"]["shown"]
    assert [(each["feed"], each["name"]) for each in shown] == [
        ("center", "Trung tâm"),
        ("point:26740", "Phường 10"),
        ("center", "Trung tâm"),
    ]
    assert shown[1]["from_ms"] == pytest.approx(2_800, abs=45), "not before the point's key frame"
    assert world.frames("programme-001")


def test_a_call_has_its_own_file_for_as_long_as_it_lasts(world: World) -> None:
    world.plan()
    world.run(1, (CENTER, 1, "VP8"))
    world.plan((CENTER,), "main-c7", (CENTER, POINT))
    world.run(2, (CENTER, 1, "VP8"), (POINT, 2, "VP8"))
    world.plan()
    call = world.said()["call-main-c7-001"]
    assert (call["state"], call["call"], call["point"], call["title"]) == ("ready", "main-c7", "26740", "Phường 10")
    assert call["length_ms"] == pytest.approx(2_000, abs=100)
    world.stop()
    assert len(world.said()["programme-001"]["shown"]) == 1, "a preview is not shown"


def test_another_codec_begins_another_part_and_so_does_the_hour(tmp_path: Path) -> None:
    world = World(tmp_path / "recordings", part_s=4.0)
    world.plan()
    world.run(2, (CENTER, 1, "VP8"))
    world.run(2, (CENTER, 2, "H264"))
    world.run(6, (CENTER, 3, "VP8"))
    world.stop()
    said = world.said()
    assert [each["codec"] for each in said.values()] == ["VP8", "H264", "VP8", "VP8"]
    assert all(each["state"] == "ready" for each in said.values())
    for name, each in said.items():
        assert len(world.frames(name)) == each["pictures"]
        assert each["length_ms"] <= 5_000


def test_sound_alone_is_recorded_and_a_picture_begins_another_part(world: World) -> None:
    world.plan()
    for step in range(300):
        world.sound(CENTER, 101)
        world.now += 0.02
        if step % 10 == 0:
            world.takes.handle_timeout(world.now)
    world.run(2, (CENTER, 1, "VP8"))
    world.stop()
    said = world.said()
    assert [each["codec"] for each in said.values()] == [None, "VP8"]
    assert said["programme-001"]["length_ms"] == pytest.approx(6_000, abs=100)
    with av.open(str(world.folder / "main" / "programme-001.mkv")) as file:
        assert not file.streams.video


def test_a_gap_is_a_gap_in_time(world: World) -> None:
    world.plan()
    world.run(2, (CENTER, 1, "VP8"))
    world.plan(live=())
    world.run(3)
    world.plan()
    world.run(2, (CENTER, 2, "VP8"))
    world.stop()
    times = world.frames("programme-001")
    assert max(b - a for a, b in itertools.pairwise(times)) == pytest.approx(3.0, abs=0.1)
    assert world.said()["programme-001"]["length_ms"] == pytest.approx(7_000, abs=100)


def test_a_node_that_falls_silent_ends_the_files_and_one_that_comes_soon_goes_on(world: World) -> None:
    world.plan()
    world.run(2, (CENTER, 1, "VP8"))
    world.now += SILENT_NODE_S / 2
    world.takes.new_node()
    world.plan()
    world.run(2, (CENTER, 1, "VP8"))
    assert list(world.said()) == ["programme-001"]
    world.now += SILENT_NODE_S + 0.1
    world.takes.handle_timeout(world.now)
    said = world.said()["programme-001"]
    assert said["state"] == "ready"
    assert said["length_ms"] < 13_000, "no minutes of nothing at its end"


def test_a_recorder_that_was_killed_left_what_the_next_one_makes_whole(world: World) -> None:
    world.plan()
    world.run(4, (CENTER, 1, "VP8"))
    left = world.folder.with_name("left")
    shutil.copytree(world.folder, left)
    world.stop()
    again = World(left)
    assert again.shelf.recover() == ["main/programme-001.mkv"]
    said = again.said()["programme-001"]
    assert (said["state"], said["recovered"]) == ("ready", True)
    assert 1_900 <= said["length_ms"] <= 4_000
    assert said["shown"][0]["to_ms"] == said["length_ms"]
    assert len(again.frames("programme-001")) >= 48
    assert again.shelf.recover() == []
    again.plan()
    again.run(1, (CENTER, 1, "VP8"))
    again.stop()
    assert list(again.said()) == ["programme-001", "programme-002"]


def test_the_disk_is_never_filled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.plan()
    world.run(2, (CENTER, 1, "VP8"))
    world.shelf._max_bytes = 1
    world.run(4, (CENTER, 1, "VP8"))
    status = json.loads((world.folder / "main" / "status.json").read_text())
    assert (status["is_recording"], status["notice"]) == (False, "quota")
    assert world.said()["programme-001"]["state"] == "ready"
    world.shelf._max_bytes = 0
    world.run(RETRY_S + 2, (CENTER, 1, "VP8"))
    status = json.loads((world.folder / "main" / "status.json").read_text())
    assert (status["is_recording"], status["notice"]) == (True, None)
    assert list(world.said()) == ["programme-001", "programme-002"]
    free = type("Usage", (), {"free": 10})
    monkeypatch.setattr(recorder.shelf.shutil, "disk_usage", lambda _: free)
    world.shelf._min_free_bytes = 11
    world.run(4, (CENTER, 1, "VP8"))
    assert json.loads((world.folder / "main" / "status.json").read_text())["notice"] == "disk_low"


def test_names_that_are_no_names_reach_no_disk(world: World) -> None:
    for session, name in (("../x", "programme"), ("main", "../programme"), ("", "x"), ("main", "a/b")):
        with pytest.raises(ValueError, match="not names"):
            world.shelf.open(session, name)


def test_what_is_no_message_is_counted(world: World) -> None:
    world.takes.receive(b"nonsense", 1.0)
    assert world.takes.counters["unreadable"] == 1
