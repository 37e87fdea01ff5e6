"""What went wrong is counted, and the log gets some of it."""

from collections import Counter

from sfu.faults import FAULTS_MAX, Faults


def test_all_are_counted_and_some_are_kept() -> None:
    counters: Counter[str] = Counter()
    faults = Faults(counters)
    for number in range(FAULTS_MAX + 5):
        try:
            raise ValueError(f"mistake {number}")
        except ValueError:
            faults.note()
    assert counters == {"faults": FAULTS_MAX + 5}
    kept = faults.take()
    assert len(kept) == FAULTS_MAX
    assert "mistake 0" in kept[0]
    assert faults.take() == []
