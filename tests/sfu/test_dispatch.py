"""The order of sending: sound before pictures, pictures in slices, a bounded queue, and no leg moved under what waits."""

import pytest

from sfu.dispatch import BEHIND_S, QUEUE_FRAMES, SLICE_PACKETS, Dispatcher
from sfu.keyframe import CACHE_PACKETS
from sfu.legs import Leg
from sfu.packets import SourcePacket
from sfu.source import Source
from tests.sfu.kit import CORES, CoreName, ListOutlet, NonceLedger, fanout_of, frame, leg, packet, source


class Desk:
    def __init__(self, core: CoreName = "reference") -> None:
        self.outlet = ListOutlet()
        self.fanout = fanout_of(core, self.outlet)
        self.dispatcher = Dispatcher(self.fanout)

    def finish(self) -> list[bytes]:
        while self.dispatcher.run():
            pass
        self.fanout.drain()
        return self.outlet.take()

    def submit(self, one: Source, packets: tuple[SourcePacket, ...], now: float = 1.0) -> None:
        for given in packets:
            arrivals = one.receive(given, now)
            for batch in arrivals.batches:
                self.dispatcher.submit(one, batch, now)
            if arrivals.late is not None:
                self.dispatcher.submit_late(one, arrivals.late, now)


def crowd(count: int, feed: Source, kind: str = "video") -> list[Leg]:
    legs = [leg("video" if kind == "video" else "audio", ssrc=1000 + n, address=("192.0.2.1", 1000 + n)) for n in range(count)]
    for one in legs:
        feed.wait(one)
    return legs


def test_sound_leaves_between_two_slices_of_a_key_frame() -> None:
    desk, video, audio = Desk(), source(), source("audio")
    viewers = 3 * SLICE_PACKETS // 10
    crowd(viewers, video)
    crowd(5, audio, "audio")
    desk.submit(video, frame(1, 0, 10, key=True))
    assert desk.dispatcher.run()  # the first third
    first = len(desk.outlet.take())
    assert first == SLICE_PACKETS
    desk.submit(audio, (packet(9),))
    assert [d[1] & 0x7F for d in desk.outlet.take()] == [109] * 5  # at once, while pictures wait
    assert desk.dispatcher.waiting == 1
    assert first + len(desk.finish()) == viewers * 10


def test_a_full_queue_drops_frames_up_to_the_next_key_frame_and_asks_for_it() -> None:
    desk, video = Desk(), source()
    crowd(1, video)
    desk.submit(video, frame(0, 0, 2, key=True))
    for number in range(1, QUEUE_FRAMES + 5):
        desk.submit(video, frame(number * 2, number * 3000, 2))
    assert desk.dispatcher.waiting == QUEUE_FRAMES
    assert desk.dispatcher.dropped_frames == 5
    assert video.requests.is_wanted
    assert len(desk.finish()) == QUEUE_FRAMES * 2
    desk.submit(video, frame(1000, 900_000, 2))
    assert desk.finish() == []
    desk.submit(video, frame(1002, 903_000, 2, key=True))
    assert len(desk.finish()) == 2


def test_a_picture_that_waits_too_long_starves_its_source_however_few_wait() -> None:
    desk, video = Desk(), source()
    crowd(1, video)
    desk.submit(video, frame(0, 0, 2, key=True))
    desk.submit(video, frame(2, 3000, 2), 1.0 + BEHIND_S - 0.01)
    assert desk.dispatcher.dropped_frames == 0
    desk.submit(video, frame(4, 6000, 2), 1.0 + BEHIND_S)
    assert desk.dispatcher.dropped_frames == 1
    assert video.requests.is_wanted
    assert len(desk.finish()) == 4
    desk.submit(video, frame(6, 9000, 2, key=True), 1.0 + BEHIND_S)
    assert len(desk.finish()) == 2


def test_a_full_queue_never_holds_sound() -> None:
    desk, video, audio = Desk(), source(), source("audio")
    crowd(1, video)
    crowd(1, audio, "audio")
    desk.submit(video, frame(0, 0, 1, key=True))
    for number in range(1, QUEUE_FRAMES * 2):
        desk.submit(video, frame(number, number * 3000, 1))
        desk.submit(audio, (packet(number),))
    assert len(desk.outlet.take()) == QUEUE_FRAMES * 2 - 1


@pytest.mark.parametrize("core", CORES)
def test_what_waits_of_the_old_source_leaves_before_a_leg_follows_another(core: CoreName) -> None:
    desk, ledger, old, new = Desk(core), NonceLedger(), source(), source()
    (one,) = crowd(1, old)
    desk.submit(old, frame(1, 0, 2, key=True))
    desk.submit(old, frame(3, 3000, 2))  # waits
    new.wait(one)
    desk.submit(new, frame(700, 0, 2, key=True))
    ledger.take(desk.finish())
    assert [index for _, index, _ in ledger.order] == list(range(101, 107))


def test_a_viewer_that_leaves_does_not_make_the_others_frames_leave_in_one_go() -> None:
    desk, video = Desk(), source()
    legs = crowd(2 * SLICE_PACKETS, video)
    desk.submit(video, frame(1, 0, 1, key=True))
    legs[-1].close()
    assert desk.dispatcher.run()
    assert len(desk.outlet.take()) == SLICE_PACKETS
    assert len(desk.finish()) == SLICE_PACKETS - 1


def test_settling_ends_with_the_source_asked_for() -> None:
    desk, first, second = Desk(), source(), source()
    crowd(1, first)
    crowd(1, second)
    desk.submit(first, frame(1, 0, 1, key=True))
    desk.submit(second, frame(1, 0, 1, key=True))
    desk.dispatcher.settle(first)
    assert desk.dispatcher.waiting == 1
    desk.dispatcher.settle(first)
    assert desk.dispatcher.waiting == 1


@pytest.mark.parametrize("core", CORES)
def test_a_late_packet_goes_to_those_whose_stretch_reaches_back(core: CoreName) -> None:
    desk, video = Desk(core), source()
    old = crowd(1, video)[0]
    a, b, c = frame(1, 0, 3, key=True)
    desk.submit(video, (a, c))
    young = leg(ssrc=7)
    video.wait(young)
    desk.submit(video, frame(4, 3000, 1, key=True))
    desk.finish()
    desk.submit(video, (b,))
    (late,) = desk.finish()
    assert late[8:12] == old.ssrc.to_bytes(4, "big")
    assert int.from_bytes(late[2:4], "big") == 2 + old.sequence_delta


def test_a_late_packet_waits_its_turn_like_a_frame_and_costs_one_body() -> None:
    desk, video = Desk(), source()
    crowd(SLICE_PACKETS + 1, video)
    a, b, c = frame(1, 0, 3, key=True)
    desk.submit(video, (a, c))
    desk.finish()
    desk.submit(video, (b,))
    assert desk.dispatcher.waiting == 1
    assert desk.outlet.take() == []
    assert len(desk.finish()) == SLICE_PACKETS + 1


@pytest.mark.parametrize("core", CORES)
def test_a_late_beginning_of_a_key_frame_lets_all_who_wait_begin(core: CoreName) -> None:
    desk, ledger, video, former = Desk(core), NonceLedger(), source(), source()
    (one,) = crowd(1, former)
    desk.submit(former, frame(50, 0, 2, key=True))
    video.wait(one)
    a, *rest = frame(1, 0, 5, key=True)
    desk.submit(video, tuple(rest))
    ledger.take(desk.finish())
    assert one.source is former
    desk.submit(video, (a,))
    ledger.take(desk.finish())
    assert one.source is video
    assert [index for _, index, _ in ledger.order] == list(range(101, 108))


@pytest.mark.parametrize("core", CORES)
def test_a_beginning_that_is_too_late_is_no_beginning(core: CoreName) -> None:
    desk, video = Desk(core), source()
    a, *rest = frame(1, 0, 3, key=True)
    desk.submit(video, tuple(rest))
    for number in range(CACHE_PACKETS):
        desk.submit(video, frame(4 + number, 3000 * (number + 1), 1))
    one = leg()
    video.wait(one)
    desk.submit(video, (a,))
    assert one.source is None
    assert video.requests.is_wanted


@pytest.mark.parametrize("core", CORES)
def test_a_resend_is_the_identical_datagram(core: CoreName) -> None:
    desk, video = Desk(core), source()
    (one,) = crowd(1, video)
    desk.submit(video, tuple(packet(i, 0, key=i == 1, payload=bytes([i]) * (100 + i), marker=i == 4) for i in range(1, 5)))
    sent = desk.finish()
    for datagram in sent:
        assert desk.dispatcher.resend(one, int.from_bytes(datagram[2:4], "big"))
    assert desk.finish() == sent
    assert not desk.dispatcher.resend(one, 99)


@pytest.mark.parametrize("core", CORES)
def test_after_a_switch_the_old_stretch_is_answered_with_the_old_sources_packet(core: CoreName) -> None:
    desk, old, new = Desk(core), source(), source()
    (one,) = crowd(1, old)
    desk.submit(old, frame(1, 0, 3, key=True))
    before = desk.finish()
    new.wait(one)
    desk.submit(new, frame(2, 0, 3, key=True))
    after = desk.finish()
    desk.submit(old, frame(4, 3000, 3))
    for datagram in (*before, *after):
        assert desk.dispatcher.resend(one, int.from_bytes(datagram[2:4], "big"))
    assert desk.finish() == [*before, *after]


def test_an_exception_in_sending_does_not_come_back_for_ever() -> None:
    desk, video = Desk(), source()
    crowd(1, video)
    desk.submit(video, frame(1, 0, 1, key=True))
    desk.submit(video, frame(2, 3000, 1))

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    healthy, desk.fanout.send_frame = desk.fanout.send_frame, broken  # type: ignore[method-assign,assignment]
    with pytest.raises(ZeroDivisionError):
        desk.dispatcher.run()
    desk.fanout.send_frame = healthy  # type: ignore[method-assign]
    assert len(desk.finish()) == 1
