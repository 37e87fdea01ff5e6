"""Who follows what: the plan, applied to who is there; newcomers and their budget."""

from collections.abc import Mapping

from sfu.dispatch import Dispatcher
from sfu.fanout import ReferenceFanout
from sfu.ids import FeedId, SessionId, SlotName
from sfu.keyframe import CACHE_PACKETS
from sfu.legs import Leg
from sfu.packets import SourcePacket
from sfu.plan import Plan
from sfu.router import BURST_PACKETS_PER_S, BurstBudget, SessionRoutes
from sfu.selector import Level
from sfu.sessions import Sessions
from sfu.source import Source
from sfu.srtp import Suite
from tests.sfu.kit import ListOutlet, NonceLedger, frame, leg, packet, source

MAIN = SessionId("main")
CENTER, POINT = FeedId("center"), FeedId("point:1")


def _read(slots: Mapping[str, tuple[str, ...]]) -> Mapping[SlotName, tuple[FeedId, ...]]:
    return {SlotName(slot): tuple(FeedId(feed) for feed in feeds) for slot, feeds in slots.items()}


class Hall:
    """A session's routes over an outlet that keeps everything."""

    def __init__(self, **slots: tuple[str, ...]) -> None:
        self.outlet = ListOutlet()
        self.dispatcher = Dispatcher(ReferenceFanout(self.outlet))
        self.routes = SessionRoutes(MAIN, self.dispatcher, BurstBudget())
        self.now = 10.0
        self.version = 0
        self.next: dict[Source, int] = {}
        if slots:
            self.plan(**slots)

    def plan(self, **slots: tuple[str, ...]) -> None:
        self.version += 1
        assert self.routes.set_plan(Plan(MAIN, self.version, _read(slots)), self.now)

    def plan_private(self, private: Mapping[str, Mapping[str, tuple[str, ...]]], **slots: tuple[str, ...]) -> None:
        self.version += 1
        own = {FeedId(owner): _read(theirs) for owner, theirs in private.items()}
        assert self.routes.set_plan(Plan(MAIN, self.version, _read(slots), own), self.now)

    def publish(self, feed: FeedId, kind: str = "video", codec: str | None = None) -> Source:
        one = source("audio" if kind == "audio" else "video", codec)
        self.routes.set_source(feed, one.kind, one, self.now)
        return one

    def send(self, one: Source, count: int = 2, *, key: bool = False) -> list[bytes]:
        self.now += 0.033
        index = self.next.get(one, 1000)
        self.next[one] = index + count
        packets: tuple[SourcePacket, ...] = frame(index, int(self.now * 90_000), count, key=key)
        if one.kind == "audio":
            packets = (packet(index, int(self.now * 48_000)),)
        for given in packets:
            for batch in one.receive(given, self.now).batches:
                self.dispatcher.submit(one, batch, self.now)
        while self.dispatcher.run():
            pass
        return self.outlet.take()

    def join(self, one: Leg) -> Leg:
        self.routes.add(one, self.now)
        return one


def test_a_picture_changes_at_the_key_frame_and_sound_with_the_next_packet() -> None:
    hall = Hall(main=("center",))
    center, point = hall.publish(CENTER), hall.publish(POINT)
    voice, other = hall.publish(CENTER, "audio"), hall.publish(POINT, "audio")
    eye, ear = hall.join(leg()), hall.join(leg("audio", ssrc=2))
    hall.send(center, key=True)
    hall.send(voice)
    hall.plan(main=("point:1", "center"))
    assert (eye.source, eye.pending) == (center, point)
    hall.send(point)
    hall.send(center)
    assert (eye.source, eye.pending) == (center, point)
    hall.send(point, key=True)
    assert (eye.source, eye.pending) == (point, None)
    assert ear.source is voice
    hall.send(other)
    assert ear.source is other


def test_nobody_gets_its_own_feed() -> None:
    hall = Hall(main=("point:1", "center"))
    center, point = hall.publish(CENTER), hall.publish(POINT)
    own = hall.join(leg(owner="point:1"))
    own_center = hall.join(leg(ssrc=2, owner="center"))
    for one in (center, point):
        hall.send(one, key=True)
    assert own.source is center
    assert own_center.source is point
    hall.routes.set_source(POINT, "video", None, hall.now)
    hall.send(center, key=True)
    assert own_center.source is None
    assert own_center.pending is None


def test_a_voice_for_one_point_is_heard_by_that_point_alone() -> None:
    hall = Hall(guest1=("point:2",))
    guest, voice = hall.publish(FeedId("point:2"), "audio"), hall.publish(FeedId("talk:lan"), "audio")
    spoken_to = hall.join(leg("audio", ssrc=1, slot="guest1", owner="point:1"))
    other = hall.join(leg("audio", ssrc=2, slot="guest1", owner="point:3"))
    nobodys = hall.join(leg("audio", ssrc=3, slot="guest1"))
    hall.send(guest)
    assert [one.source for one in (spoken_to, other, nobodys)] == [guest] * 3
    assert hall.send(voice) == [], "it flows, and goes nowhere"

    hall.plan_private({"point:1": {"guest1": ("talk:lan", "point:2")}}, guest1=("point:2",))
    assert [datagram[8:12] for datagram in hall.send(voice)] == [(1).to_bytes(4)]
    assert [datagram[8:12] for datagram in hall.send(guest)] == [(2).to_bytes(4), (3).to_bytes(4)]

    hall.routes.set_source(FeedId("talk:lan"), "audio", None, hall.now)
    hall.send(guest)
    assert spoken_to.source is guest, "the talker is silent: what everybody hears"
    again = hall.publish(FeedId("talk:lan"), "audio")
    assert [datagram[8:12] for datagram in hall.send(again)] == [(1).to_bytes(4)]

    hall.plan(guest1=("point:2",))
    hall.send(guest)
    assert [one.source for one in (spoken_to, other, nobodys)] == [guest] * 3, "from everybody's next packet on"
    assert hall.send(again) == []


def test_a_voice_for_one_point_moves_with_its_slot_and_ends_in_silence() -> None:
    hall = Hall(guest1=("point:2",))
    voice = hall.publish(FeedId("talk:lan"), "audio")
    legs = [hall.join(leg("audio", ssrc=n, slot=f"guest{n}", owner="point:1")) for n in (1, 2)]
    hall.plan_private({"point:1": {"guest2": ("talk:lan",)}}, guest1=("point:2",))
    hall.send(voice)
    assert [one.source for one in legs] == [None, voice]
    hall.plan_private({"point:1": {"guest1": ("talk:lan", "point:2")}}, guest1=("point:2",), guest2=("point:3",))
    hall.send(voice)
    assert [one.source for one in legs] == [voice, None]
    newcomer = hall.join(leg("audio", ssrc=7, slot="guest1", owner="point:1"))
    hall.send(voice)
    assert newcomer.source is voice, "a page that came back meanwhile"
    hall.plan()
    assert [one.source for one in (*legs, newcomer)] == [None] * 3


def test_a_picture_of_its_own_moves_the_slot_beside_it() -> None:
    hall = Hall(main=("center",), inset=("center", "point:2"))
    center, point = hall.publish(CENTER), hall.publish(FeedId("point:2"))
    main, inset = hall.join(leg(owner="point:1")), hall.join(leg(ssrc=2, slot="inset", owner="point:1"))
    for one in (center, point):
        hall.send(one, key=True)
    assert (main.source, inset.source) == (center, point)
    hall.plan_private({"point:1": {"main": ("point:2",)}}, main=("center",), inset=("center", "point:2"))
    for one in (center, point):
        hall.send(one, key=True)
    assert (main.source, inset.source) == (point, center)


def test_a_feed_that_stops_gives_way_and_takes_its_place_again() -> None:
    hall = Hall(main=("point:1", "center"))
    center, point = hall.publish(CENTER), hall.publish(POINT)
    eye = hall.join(leg())
    hall.send(point, key=True)
    hall.routes.set_source(POINT, "video", None, hall.now)
    assert hall.routes.source(POINT, "video") is None
    hall.send(center, key=True)
    assert eye.source is center
    again = hall.publish(POINT)
    hall.send(again, key=True)
    assert eye.source is again


def test_an_older_plan_is_refused_even_after_an_empty_one() -> None:
    hall = Hall(main=("center",))
    hall.version = 7
    hall.plan()
    assert not hall.routes.set_plan(Plan(MAIN, 8, {}), hall.now)
    assert not hall.routes.set_plan(Plan(MAIN, 5, {SlotName("main"): (CENTER,)}), hall.now)
    assert hall.routes.plan.slots == {}
    assert hall.routes.set_plan(Plan(MAIN, 9, {SlotName("main"): (CENTER,)}), hall.now)


def test_the_very_first_plan_may_have_version_zero() -> None:
    assert Hall().routes.set_plan(Plan(MAIN, 0, {}), 0.0)


def test_a_slot_that_changes_touches_no_other() -> None:
    hall = Hall(main=("center",), monitor1=("point:1",))
    center, point = hall.publish(CENTER), hall.publish(POINT)
    main, monitor = hall.join(leg()), hall.join(leg(ssrc=2, slot="monitor1"))
    hall.send(center, key=True)
    hall.send(point, key=True)
    before = (monitor.sequence_delta, monitor.timestamp_delta, monitor.stretches.copy())
    hall.plan(main=(), monitor1=("point:1",))
    assert main.source is None
    assert monitor.source is point
    assert (monitor.sequence_delta, monitor.timestamp_delta, monitor.stretches) == before
    assert [d[8:12] for d in hall.send(point)] == [b"\0\0\0\2"] * 2


def test_the_inset_follows_when_the_main_picture_fails() -> None:
    hall = Hall(main=("point:1", "center"), inset=("center",))
    center, point = hall.publish(CENTER), hall.publish(POINT)
    main, inset = hall.join(leg(slot="main")), hall.join(leg(ssrc=2, slot="inset"))
    hall.send(point, key=True)
    hall.send(center, key=True)
    assert (main.source, inset.source) == (point, center)
    hall.routes.set_source(POINT, "video", None, hall.now)
    hall.send(center, key=True)
    assert (main.source, inset.source) == (center, None), "the center is large now, and not shown twice"


def test_a_change_of_mind_before_the_key_frame_leaves_the_leg_where_it_was() -> None:
    hall = Hall(main=("center",))
    center, point = hall.publish(CENTER), hall.publish(POINT)
    eye = hall.join(leg())
    hall.send(center, key=True)
    hall.plan(main=("point:1",))
    hall.plan(main=("center",))
    assert (eye.source, eye.pending, point.pending) == (center, None, {})
    hall.send(point, key=True)
    assert eye.source is center


def test_a_codec_the_viewer_does_not_take_is_not_sent() -> None:
    hall = Hall(main=("center",))
    hall.publish(CENTER, codec="H264")
    profiles = leg().profiles
    eye = hall.join(leg(profiles={"VP8": profiles["VP8"]}))
    assert (eye.source, eye.pending) == (None, None)


def test_a_newcomer_begins_with_the_cached_key_frame_at_once() -> None:
    hall = Hall(main=("center",))
    center = hall.publish(CENTER)
    hall.send(center, 5, key=True)
    hall.send(center, 3)
    ledger = NonceLedger()
    eye = hall.join(leg(first_sequence=200))
    ledger.take(hall.outlet.take())
    assert eye.source is center
    assert [index for _, index, _ in ledger.order] == list(range(201, 209))
    assert not center.requests.is_wanted
    assert hall.routes.cached_starts == 1
    ledger.take(hall.send(center, 2))
    assert [index for _, index, _ in ledger.order] == list(range(201, 211))


def test_newcomers_between_two_frames_share_a_burst_and_a_repaired_loss_is_in_the_next() -> None:
    hall = Hall(main=("center",))
    center = hall.publish(CENTER)
    hall.send(center, 3, key=True)
    whole = frame(1003, int(hall.now * 90_000) + 3000, 4)
    for given in (whole[0], whole[1], whole[3]):
        for batch in center.receive(given, hall.now).batches:
            hall.dispatcher.submit(center, batch, hall.now)
    hall.outlet.take()
    built: set[int] = set()
    payloads: list[list[bytes]] = []
    for ssrc in (20, 21):
        ledger = NonceLedger()
        hall.join(leg(ssrc=ssrc))
        built.add(id(hall.dispatcher._burst))
        ledger.take(hall.outlet.take())
        payloads.append([plain[12:] for plain in ledger.plain.values()])
    assert payloads[0] == payloads[1]
    assert len(payloads[0]) == 6
    assert len(built) == 1
    late = center.receive(whole[2], hall.now).late
    assert late is not None
    hall.dispatcher.submit_late(center, late, hall.now)
    while hall.dispatcher.run():
        pass
    hall.outlet.take()
    hall.join(leg(ssrc=22))
    assert len(hall.outlet.take()) == 7


def test_a_newcomer_for_whom_the_burst_would_be_long_waits_and_one_request_serves_all() -> None:
    hall = Hall(main=("center",))
    center = hall.publish(CENTER)
    hall.send(center, 5, key=True)
    for _ in range(CACHE_PACKETS):
        hall.send(center, 1)
    legs = [hall.join(leg(ssrc=n)) for n in range(10, 1010)]
    assert all(one.pending is center for one in legs)
    assert [center.requests.take(hall.now) for _ in range(3)] == [True, False, False]
    assert len(hall.send(center, 2, key=True)) == 2000
    assert all(one.source is center for one in legs)


def test_a_storm_is_served_by_a_budget_and_then_by_the_next_key_frame() -> None:
    hall = Hall(main=("center",))
    center = hall.publish(CENTER)
    hall.send(center, 50, key=True)
    legs = [hall.join(leg(ssrc=n)) for n in range(10, 510)]
    served = [one for one in legs if one.source is center]
    assert len(served) == BURST_PACKETS_PER_S // 50
    assert len(hall.outlet.take()) == BURST_PACKETS_PER_S
    assert len(hall.send(center, 4, key=True)) == 2000


def test_the_budget_fills_again_with_time_and_no_further() -> None:
    budget = BurstBudget(100)
    assert budget.take(100, 0.0)
    assert not budget.take(1, 0.0)
    assert not budget.take(60, 0.5)
    assert budget.take(50, 0.5)
    assert not budget.take(101, 1000.0)
    assert budget.take(100, 1000.0)


def test_a_leg_that_left_is_nowhere() -> None:
    hall = Hall(main=("center",))
    center, point = hall.publish(CENTER), hall.publish(POINT)
    eye, other = hall.join(leg()), hall.join(leg(ssrc=2))
    hall.send(center, key=True)
    hall.plan(main=("point:1",))
    hall.routes.remove(eye, hall.now)
    hall.routes.remove(other, hall.now)
    assert not center.legs
    assert not point.pending
    assert not eye.is_open
    hall.routes.set_source(CENTER, "video", None, hall.now)
    hall.routes.set_source(POINT, "video", None, hall.now)
    assert hall.routes.is_empty
    hall.routes.remove(eye, hall.now)  # twice is no harm


def test_a_new_source_of_the_same_feed_is_followed_from_its_key_frame() -> None:
    """A new SSRC, or another layer."""
    hall = Hall(main=("center",))
    first = hall.publish(CENTER)
    eye = hall.join(leg())
    ledger = NonceLedger()
    ledger.take(hall.send(first, key=True))
    second = hall.publish(CENTER)
    ledger.take(hall.send(first))
    ledger.take(hall.send(second))
    assert eye.source is first
    ledger.take(hall.send(second, key=True))
    assert eye.source is second
    assert [index for _, index, _ in ledger.order] == list(range(101, 107))


def test_what_waits_leaves_before_a_leg_is_given_other_numbers() -> None:
    """A slot that is emptied and filled anew while a frame of the former feed still waits in the queue."""
    hall = Hall(main=("center",))
    center, point = hall.publish(CENTER), hall.publish(POINT)
    eye = hall.join(leg())
    hall.send(point, 3, key=True)
    ledger = NonceLedger()
    ledger.take(hall.send(center, 2, key=True))
    for given in frame(hall.next[center], int(hall.now * 90_000) + 3000, 2):
        for batch in center.receive(given, hall.now).batches:
            hall.dispatcher.submit(center, batch, hall.now)
    assert hall.dispatcher.waiting == 1
    hall.plan(main=())
    hall.plan(main=("point:1",))
    assert eye.source is point
    while hall.dispatcher.run():
        pass
    ledger.take(hall.outlet.take())
    assert [index for _, index, _ in ledger.order] == list(range(101, 108))


def layered(hall: Hall, feed: FeedId = CENTER, *levels: Level) -> dict[Level, Source]:
    """A feed of several layers, all of them at their key frames already."""
    layers = {level: source() for level in (levels or (Level.FULL, Level.HALF, Level.QUARTER))}
    hall.routes.set_layers(feed, "video", tuple(layers.items()), hall.now)
    return layers


def test_a_level_is_a_layer_from_its_next_key_frame_on_and_numbers_go_on() -> None:
    hall = Hall(main=("center",))
    layers = layered(hall)
    top, low = layers[Level.FULL], layers[Level.QUARTER]
    one, other = hall.join(leg(ssrc=1)), hall.join(leg(ssrc=2))
    ledger = NonceLedger(Suite.AES_128_GCM)
    ledger.take(hall.send(top, key=True))
    hall.routes.set_level((one,), Level.QUARTER, hall.now)
    assert (one.source, one.pending) == (top, low)
    assert low.requests.is_wanted, "the layer is asked for a key frame"
    ledger.take(hall.send(top))
    ledger.take(hall.send(low))
    assert one.source is top, "the old layer goes on until then"
    ledger.take(hall.send(low, key=True))
    assert (one.source, other.source) == (low, top)
    ledger.take(hall.send(low) + hall.send(top))
    numbers = [index for ssrc, index, _ in ledger.order if ssrc == 1]
    assert numbers == list(range(numbers[0], numbers[0] + 8))
    hall.routes.set_level((one,), Level.FULL, hall.now)
    hall.routes.set_level((one,), Level.QUARTER, hall.now)
    assert one.pending is None, "a wish that was taken back before it was met"


def test_a_layer_that_ends_gives_way_to_the_next_lower_and_is_gone_back_to() -> None:
    hall = Hall(main=("center",))
    layers = layered(hall)
    top, half = layers[Level.FULL], layers[Level.HALF]
    one = hall.join(leg())
    hall.send(top, key=True)
    hall.routes.set_layers(CENTER, "video", tuple(layers.items())[1:], hall.now)
    hall.send(half, key=True)
    assert one.source is half
    assert half.levels == (Level.HALF, Level.QUARTER)
    hall.routes.set_layers(CENTER, "video", tuple(layers.items()), hall.now)
    hall.send(top, key=True)
    assert one.source is top


def test_sound_alone_takes_the_pictures_away_at_once_and_leaves_the_sound() -> None:
    hall = Hall(main=("center",))
    layers = layered(hall)
    voice = hall.publish(CENTER, "audio")
    eye, ear = hall.join(leg(ssrc=1)), hall.join(leg("audio", ssrc=2))
    hall.send(layers[Level.FULL], key=True)
    hall.send(voice)
    hall.routes.set_level((eye, ear), Level.SOUND, hall.now)
    assert (eye.source, eye.pending, ear.source) == (None, None, voice)
    hall.plan(main=("point:1", "center"))
    assert eye.pending is None, "a new plan brings no picture either"
    hall.send(layers[Level.QUARTER], key=True)
    hall.routes.set_level((eye, ear), Level.QUARTER, hall.now)
    assert eye.source is layers[Level.QUARTER], "back from the cached key frame"


def test_a_level_stays_with_a_viewer_over_plans_feeds_and_sessions() -> None:
    hall = Hall(main=("center",))
    sessions = Sessions(hall.dispatcher, BurstBudget())
    one = leg()
    left, entered = sessions.enter(MAIN), sessions.routes(SessionId("other"))
    left.add(one, hall.now)
    left.set_level((one,), Level.QUARTER, hall.now)
    full, quarter = source(), source()
    entered.set_layers(CENTER, "video", ((Level.FULL, full), (Level.QUARTER, quarter)), hall.now)
    entered.set_plan(Plan(SessionId("other"), 1, {SlotName("main"): (CENTER,)}), hall.now)
    sessions.move((one,), MAIN, SessionId("other"), hall.now)
    assert one.pending is quarter
    alone = source()
    entered.set_source(CENTER, "video", alone, hall.now)
    assert one.pending is alone, "the only picture there is"


def test_a_viewer_that_left_gets_no_layer() -> None:
    hall = Hall(main=("center",))
    layers = layered(hall)
    one = hall.join(leg())
    hall.routes.remove(one, hall.now)
    hall.routes.set_level((one,), Level.QUARTER, hall.now)
    assert one.pending is None
    assert not layers[Level.QUARTER].pending
