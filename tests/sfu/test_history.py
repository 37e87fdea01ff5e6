"""One ring for every receiver's NACK: it gives back the very packet of an index, or nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.history import HISTORY_PACKETS, PacketHistory
from tests.sfu.kit import packet


def test_an_empty_history_has_nothing() -> None:
    history = PacketHistory(4)
    assert history.newest == -1
    assert history.get(0) is None
    assert list(history.since(0)) == []
    with pytest.raises(ValueError, match="at least one"):
        PacketHistory(0)


def test_old_packets_fall_out_and_are_refused() -> None:
    history = PacketHistory(4)
    for index in range(10, 16):
        assert history.add(packet(index))
    assert history.get(11) is None
    assert history.get(12) == packet(12)
    assert not history.add(packet(11))
    assert [one.index for one in history.since(0)] == [12, 13, 14, 15]


def test_a_second_packet_of_an_index_is_refused() -> None:
    history = PacketHistory(8)
    assert history.add(packet(3, payload=b"first"))
    assert not history.add(packet(3, payload=b"second"))
    kept = history.get(3)
    assert kept is not None
    assert kept.payload == b"first"


def test_the_default_is_five_bursts_of_key_frames() -> None:
    history = PacketHistory()
    history.add(packet(0))
    history.add(packet(HISTORY_PACKETS - 1))
    assert history.get(0) is not None
    history.add(packet(HISTORY_PACKETS))
    assert history.get(0) is None


@settings(deadline=None)
@given(st.lists(st.integers(0, 60), max_size=200), st.integers(1, 16))
def test_it_is_a_dictionary_of_the_newest(indices: list[int], capacity: int) -> None:
    """Against the plainest model: the first packet of each index, while it is within ``capacity`` of the newest."""
    history = PacketHistory(capacity)
    model: dict[int, bytes] = {}
    for turn, index in enumerate(indices):
        newest = max(model, default=-1)
        is_taken = index not in model and index > newest - capacity
        assert history.add(packet(index, payload=b"%d" % turn)) == is_taken
        if is_taken:
            model[index] = b"%d" % turn
    newest = max(model, default=-1)
    held = {index: payload for index, payload in model.items() if index > newest - capacity}
    for index in range(62):
        found = history.get(index)
        assert (found.payload if found else None) == held.get(index)
    assert [one.index for one in history.since(0)] == sorted(held)
