"""What is asked for again: merged, bounded over the node, oldest dropped."""

from __future__ import annotations

from sfu.legs import Leg
from sfu.pacing import QUEUE_MAX, RESENDS_PER_TICK, ROUND_TRIP_S, TICK_S, PacedResends
from tests.sfu.kit import leg

LEGS = tuple(leg(ssrc=n) for n in range(1, 201))


class Sink:
    """Keeps what is repeated; some packets are there no more."""

    def __init__(self, **limits: int) -> None:
        self.sent: list[tuple[Leg, int]] = []
        self.missing: set[int] = set()
        self.pacer = PacedResends(self._resend, **limits)

    def _resend(self, leg: Leg, sequence: int) -> bool:
        if sequence in self.missing:
            return False
        self.sent.append((leg, sequence))
        return True


def test_a_few_leave_at_once_and_a_storm_in_ticks() -> None:
    sink = Sink()
    for one in LEGS:
        for sequence in range(5):
            sink.pacer.ask(one, sequence, None, 10.0)
    assert sink.sent == []
    now, ticks = 10.0, 0
    while True:
        before = len(sink.sent)
        sink.pacer.run(now)
        sink.pacer.run(now + TICK_S / 2)  # the same tick: nothing more
        assert len(sink.sent) - before <= RESENDS_PER_TICK
        ticks += 1
        due = sink.pacer.next_timeout()
        if due is None:
            break
        assert due == now + TICK_S
        now = due
    assert sink.sent == [(one, sequence) for one in LEGS for sequence in range(5)], "in order, each once"
    assert ticks == 1000 // RESENDS_PER_TICK
    assert sink.pacer.take_counts() == {"resent": 1000}
    assert sink.pacer.take_counts() == {}


def test_the_same_packet_is_sent_once_in_a_round_trip() -> None:
    sink = Sink()
    one = LEGS[0]
    sink.pacer.ask(one, 7, 50.0, 1.0)
    sink.pacer.ask(one, 7, 50.0, 1.0)
    sink.pacer.run(1.0)
    sink.pacer.ask(one, 7, 50.0, 1.049)
    sink.pacer.run(1.049)
    assert sink.sent == [(one, 7)]
    sink.pacer.ask(LEGS[1], 7, 50.0, 1.049)
    sink.pacer.ask(one, 8, 50.0, 1.049)
    sink.pacer.ask(one, 7, 50.0, 1.051)
    sink.pacer.run(1.06)
    assert sink.sent == [(one, 7), (LEGS[1], 7), (one, 8), (one, 7)]
    assert sink.pacer.take_counts() == {"resent": 4, "resend_merged": 2}


def test_what_is_not_there_may_be_asked_for_again() -> None:
    sink = Sink()
    sink.missing.add(3)
    sink.pacer.ask(LEGS[0], 3, None, 1.0)
    sink.pacer.run(1.0)
    sink.missing.clear()
    sink.pacer.ask(LEGS[0], 3, None, 1.0 + TICK_S)
    sink.pacer.run(1.0 + TICK_S)
    assert sink.sent == [(LEGS[0], 3)]
    assert sink.pacer.take_counts() == {"resent": 1, "resend_missed": 1}


def test_the_oldest_are_dropped_and_counted() -> None:
    sink = Sink(per_tick=2, waiting_max=5)
    for sequence in range(9):
        sink.pacer.ask(LEGS[0], sequence, None, 1.0)
    assert sink.pacer.waiting == 5
    for tick in range(5):
        sink.pacer.run(1.0 + tick * TICK_S)
    assert [sequence for _, sequence in sink.sent] == [4, 5, 6, 7, 8]
    assert sink.pacer.take_counts() == {"resent": 5, "resend_dropped": 4}
    assert sink.pacer.next_timeout() is None


def test_no_storm_makes_it_hold_more_than_its_bounds() -> None:
    sink = Sink()
    now = 1.0
    for tick in range(400):
        now = 1.0 + tick * TICK_S
        for n in range(3 * RESENDS_PER_TICK):
            sink.pacer.ask(LEGS[n % 200], (tick * 300 + n) & 0xFFFF, 500.0, now)
        sink.pacer.run(now)
        assert sink.pacer.waiting <= QUEUE_MAX
    assert sink.pacer.remembered <= 100 * RESENDS_PER_TICK + RESENDS_PER_TICK
    assert len(sink.sent) == 400 * RESENDS_PER_TICK
    for tick in range(200):
        sink.pacer.run(now + ROUND_TRIP_S * 10 + tick * TICK_S)
    assert sink.pacer.waiting == 0
    assert sink.pacer.remembered <= QUEUE_MAX
