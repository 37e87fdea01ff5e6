import numpy as np
import pytest

from demo.cast import TONES_HZ
from demo.sound import FRAME_SAMPLES, LOUDNESS, SWELL_S, Hum, dominant_hz


def hear(hum: Hum, seconds: float) -> np.ndarray:
    return np.concatenate([hum.next_frame()[0] for _ in range(round(seconds * 50))])


@pytest.mark.parametrize("tone_hz", TONES_HZ)
def test_the_tone_is_the_strongest_frequency(tone_hz: int) -> None:
    assert abs(dominant_hz(hear(Hum(tone_hz), 1.0)) - tone_hz) < 2


def test_frames_join_without_a_click_and_stay_gentle() -> None:
    samples = hear(Hum(440), SWELL_S).astype(int)
    assert len(samples) % FRAME_SAMPLES == 0
    assert 0.05 < np.abs(samples).max() / 32_767 < LOUDNESS * 1.3
    steps = np.abs(np.diff(samples))
    seams = steps[FRAME_SAMPLES - 1 :: FRAME_SAMPLES]
    assert seams.max() <= steps.max() * 1.01
    assert steps.max() < 350


def test_it_is_never_quite_silent() -> None:
    samples = hear(Hum(440), SWELL_S)
    loudest = [np.abs(part).max() for part in np.array_split(samples, 20)]
    assert min(loudest) > 0.15 * max(loudest)
