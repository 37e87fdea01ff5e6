from __future__ import annotations

import json

from config import limits


def test_an_offer_of_the_largest_size_fits_into_a_control_line() -> None:
    """Even when every character of it needs an escape of two."""
    line = json.dumps({"id": 1, "op": "join_viewer", "offer": "\n" * limits.MAX_SDP_BYTES}, ensure_ascii=False)
    assert len(line.encode()) < limits.MAX_CONTROL_LINE_BYTES


def test_a_whole_country_may_arrive_at_once() -> None:
    points = 10_603
    assert points < limits.MAX_PENDING_SUBMITS
    assert points < limits.MAX_INBOX_MESSAGES


def test_batches_fit_into_their_queues() -> None:
    assert limits.MAX_APPEND_RECORDS < limits.MAX_PENDING_SUBMITS
    assert limits.MAX_INBOX_BATCH < limits.MAX_INBOX_MESSAGES
