"""Frames out of packets, who may begin when, and that indices only grow whatever a publisher sends."""

from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.packets import SourcePacket
from sfu.source import BATCH_PACKETS, BATCH_S, NOTHING, Arrivals, Source
from tests.sfu.kit import frame, leg, packet, source


def feed(one: Source, packets: tuple[SourcePacket, ...], now: float = 1.0) -> Arrivals:
    """Gives all packets and forwards every batch at once."""
    batches: list[tuple[SourcePacket, ...]] = []
    late = None
    for given_one in packets:
        arrivals = one.receive(given_one, now)
        for batch in arrivals.batches:
            if one.may_forward(batch):
                one.follow(batch, now)
                batches.append(batch)
        late = arrivals.late or late
    return Arrivals(tuple(batches), late)


def indices(arrivals: Arrivals) -> list[list[int]]:
    return [[one.index for one in batch] for batch in arrivals.batches]


def test_a_frame_leaves_with_its_marker() -> None:
    one = source()
    packets = frame(10, 3000, 3, key=True)
    assert one.receive(packets[0], 1.0) is not None
    assert one.receive(packets[1], 1.0).batches == ()
    assert indices(one.receive(packets[2], 1.0)) == [[10, 11, 12]]
    assert one.next_timeout() is None


def test_sound_leaves_at_once() -> None:
    assert indices(source("audio").receive(packet(5), 0.0)) == [[5]]


def test_a_large_frame_leaves_in_parts() -> None:
    assert [len(batch) for batch in feed(source(), frame(0, 0, 40, key=True)).batches] == [BATCH_PACKETS, BATCH_PACKETS, 8]


def test_a_frame_whose_end_does_not_come_leaves_after_five_milliseconds() -> None:
    one = source()
    one.receive(packet(1, 0, key=True), 1.0)
    assert one.next_timeout() == 1.0 + BATCH_S
    assert one.handle_timeout(1.004) is NOTHING
    assert indices(one.handle_timeout(1.0 + BATCH_S)) == [[1]]
    assert one.next_timeout() is None


def test_the_next_frame_releases_the_one_before() -> None:
    assert indices(feed(source(), (packet(1, 0, key=True), packet(2, 0), packet(3, 3000)))) == [[1, 2]]


def test_reordering_within_a_frame_is_mended_and_duplicates_give_nothing() -> None:
    one = source()
    a, b, c = frame(1, 0, 3, key=True)
    assert indices(feed(one, (b, a, b, c))) == [[1, 2, 3]]
    assert feed(one, (a, b, c)) == Arrivals()


def test_a_repaired_loss_is_late_once() -> None:
    one = source()
    a, b, c = frame(1, 0, 3, key=True)
    feed(one, (a, c))
    assert one.receive(b, 1.1) == Arrivals(late=b)
    assert one.receive(b, 1.2) is NOTHING
    assert one.history.get(2) == b


def test_the_end_of_a_frame_that_was_overtaken_leaves_before_the_next() -> None:
    arrivals = feed(source(), (packet(1, 0, key=True), packet(3, 3000), packet(2, 0, marker=True), packet(4, 3000, marker=True)))
    assert indices(arrivals) == [[1], [2], [3, 4]]
    assert arrivals.late is None


def test_frames_out_of_their_order_in_time_keep_their_order_of_sending() -> None:
    """H.264 with B frames: timestamps go back while sequence numbers grow."""
    one = source(codec="H264")
    arrivals = feed(one, (packet(1, 9000, key=True), packet(2, 3000), packet(3, 6000), packet(4, 18000)))
    assert indices(arrivals) == [[1], [2], [3]]
    assert one.forwarded_timestamp == 9000


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, 25), st.integers(0, 4), st.booleans(), st.booleans(), st.booleans()), max_size=60),
    st.sampled_from(["audio", "video"]),
)
def test_no_index_leaves_twice_and_batches_only_grow(program: list[tuple[int, int, bool, bool, bool]], kind: str) -> None:
    """Whatever a publisher sends: the legs' nonces rest on it."""
    one = source("audio" if kind == "audio" else "video")
    seen: dict[int, bytes] = {}
    newest, now = -1, 0.0
    for turn, (index, timestamp, marker, key, waits) in enumerate(program):
        now += 0.006 if waits else 0.0
        content = b"%d" % turn
        given_one = packet(index, timestamp, marker=marker, key=key, payload=content)
        steps = [partial(one.handle_timeout, now)] if waits else []
        steps.append(partial(one.receive, given_one, now))
        for step in steps:
            arrivals = step()
            for batch in arrivals.batches:
                assert [p.index for p in batch] == sorted({p.index for p in batch})
                assert batch[0].index > newest
                newest = batch[-1].index
                if one.may_forward(batch):
                    one.follow(batch, now)
            for left in (*(p for batch in arrivals.batches for p in batch), *filter(None, [arrivals.late])):
                assert left.index not in seen
                seen[left.index] = left.payload
        if turn % 17 == 16:
            one.starve()
        assert one.forwarded_index <= newest
    for index, payload in seen.items():
        kept = one.history.get(index)
        assert kept is None or kept.payload[: len(payload)] == payload


# -- who may begin


def test_a_picture_begins_with_its_key_frame_and_sound_with_any_packet() -> None:
    one, waiting = source(), leg()
    one.wait(waiting)
    assert one.requests.is_wanted
    feed(one, frame(1, 0, 2))
    assert waiting.source is None
    feed(one, frame(3, 3000, 2, key=True))
    began: tuple[object, ...] = (waiting.source, waiting.pending, waiting.first_index)
    assert began == (one, None, 3)
    assert not one.requests.is_wanted
    sound, ear = source("audio"), leg("audio")
    sound.wait(ear)
    feed(sound, (packet(7),))
    assert ear.source is sound


def test_an_h264_key_frame_begins_before_its_parameter_sets() -> None:
    """Access unit delimiter, SPS, PPS, first slice: two of them look like a beginning, the first packet does not."""
    one, waiting = source(codec="H264"), leg()
    one.wait(waiting)
    unit = (packet(1, 0), packet(2, 0, key=True), packet(3, 0), packet(4, 0, key=True), packet(5, 0, marker=True))
    feed(one, unit)
    assert waiting.source is one
    assert waiting.first_index == 1
    assert one.cache.start() == 1


def test_nobody_begins_in_the_middle_of_a_key_frame() -> None:
    one, waiting = source(codec="H264"), leg()
    feed(one, (*frame(0, 0, BATCH_PACKETS, key=True)[:-1], packet(BATCH_PACKETS - 1, 0)))
    one.wait(waiting)
    feed(one, (packet(BATCH_PACKETS, 0, key=True), packet(BATCH_PACKETS + 1, 0, marker=True)))
    assert waiting.source is None
    assert one.cache.start() == 0


def test_a_starved_source_begins_again_with_a_key_frame() -> None:
    one = source()
    feed(one, frame(1, 0, 2, key=True))
    one.starve()
    assert one.requests.is_wanted
    assert one.cache.start() is None
    assert feed(one, frame(3, 3000, 2)).batches == ()
    assert one.receive(packet(2, 0), 1.0) is NOTHING
    assert indices(feed(one, frame(5, 6000, 2, key=True))) == [[5, 6]]
    assert one.history.get(3) is None


def test_sound_is_never_starved() -> None:
    one = source("audio")
    one.starve()
    one.lose()
    assert indices(feed(one, (packet(1),))) == [[1]]
    assert not one.requests.is_wanted


def test_packets_lost_for_good_cost_the_cache_and_a_key_frame() -> None:
    one = source()
    feed(one, frame(1, 0, 2, key=True))
    assert one.cache.start() == 1
    one.lose()
    assert one.cache.start() is None
    assert one.requests.is_wanted


def test_a_key_frame_may_begin_late() -> None:
    one, waiting = source(), leg()
    one.wait(waiting)
    a, b, c = frame(1, 0, 3, key=True)
    feed(one, (b, c))
    assert waiting.source is None
    late = one.receive(a, 1.0).late
    assert late == a
    assert one.may_begin_late(late)
    assert one.begin_late(late, 1.0) == (waiting,)
    assert waiting.first_index == 1
    assert not one.requests.is_wanted
    assert not one.may_begin_late(late)


def test_a_leg_that_is_removed_neither_follows_nor_waits() -> None:
    one, here, gone = source(), leg(), leg(ssrc=2)
    one.wait(here)
    one.wait(gone)
    one.remove(gone)
    assert one.follow(frame(1, 0, 1, key=True), 1.0) == (here,)
    one.remove(here)
    assert one.follow(frame(2, 3000, 1), 1.0) == ()


# -- clocks


def test_the_clock_is_the_publishers_where_it_told_and_the_arrivals_where_not() -> None:
    one = source()
    assert one.timestamp_at(1.0) is None
    feed(one, frame(1, 5000, 1, key=True), 10.0)
    assert one.timestamp_at(10.5) == 5000 + 45_000
    one.receive_sender_report(9.9, 5000)
    assert one.timestamp_at(9.9) == 5000
    assert one.timestamp_at(10.9) == 95_000


def test_a_report_is_placed_near_what_was_forwarded_over_the_wrap() -> None:
    one = source()
    feed(one, frame(1, (1 << 32) + 100, 1, key=True), 10.0)
    one.receive_sender_report(10.0, 0xFFFF_FFFF)
    assert one.timestamp_at(10.0) == (1 << 32) - 1
