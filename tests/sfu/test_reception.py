"""The report block of RFC 3550 §6.4.1, with its arithmetic of appendices A.3 and A.8."""

from sfu.reception import MAX_CUMULATIVE_LOST, Reception


def test_nothing_is_reported_before_the_first_packet() -> None:
    assert Reception(1, 90_000).block(0.0) is None


def test_loss_of_the_interval_and_since_the_beginning() -> None:
    reception = Reception(77, 90_000)
    for index in (*range(100, 150), *range(160, 200)):
        reception.receive(index, 0, 0.0)
    block = reception.block(0.0)
    assert block is not None
    assert (block.ssrc, block.cumulative_lost, block.highest_sequence) == (77, 10, 199)
    assert block.fraction_lost == (10 << 8) // 100
    for index in range(200, 210):
        reception.receive(index, 0, 0.0)
    block = reception.block(0.0)
    assert block is not None
    assert (block.fraction_lost, block.cumulative_lost) == (0, 10)


def test_duplicates_never_make_the_fraction_negative() -> None:
    reception = Reception(1, 90_000)
    for _ in range(5):
        reception.receive(10, 0, 0.0)
    block = reception.block(0.0)
    assert block is not None
    assert (block.fraction_lost, block.cumulative_lost) == (0, -4)


def test_cumulative_loss_stays_in_24_bits() -> None:
    reception = Reception(1, 90_000)
    reception.receive(0, 0, 0.0)
    reception.receive(1 << 25, 0, 0.0)
    block = reception.block(0.0)
    assert block is not None
    assert block.cumulative_lost == MAX_CUMULATIVE_LOST
    assert block.fraction_lost == 255


def test_the_highest_sequence_is_extended_by_its_cycles() -> None:
    reception = Reception(1, 90_000)
    for index in (0xFFFF, 0x10000, 0x10001):
        reception.receive(index, 0, 0.0)
    block = reception.block(0.0)
    assert block is not None
    assert block.highest_sequence == 0x10001


def test_jitter_follows_appendix_a_8() -> None:
    reception = Reception(1, 1000)
    reception.receive(0, 0, 0.0)
    reception.receive(1, 20, 0.020)  # on time
    reception.receive(2, 40, 0.056)  # 16 ms late
    block = reception.block(0.1)
    assert block is not None
    assert block.jitter == 1  # (16 - 0) / 16


def test_lsr_and_dlsr_are_of_the_last_sender_report() -> None:
    reception = Reception(1, 90_000)
    reception.receive(0, 0, 0.0)
    reception.receive_sender_report(0x1122_3344_5566_7788, 10.0)
    block = reception.block(10.5)
    assert block is not None
    assert block.last_sr == 0x3344_5566
    assert block.delay_since_last_sr == 0x8000
