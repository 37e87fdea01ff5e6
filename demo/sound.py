"""The sounds of the simulated center and points: soft tones, computed and not recorded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SAMPLE_RATE_HZ = 48_000
FRAME_SAMPLES = SAMPLE_RATE_HZ // 50  # Opus frames of 20 ms
LOUDNESS = 0.12
SWELL_S = 2.0

Samples = npt.NDArray[np.int16]


class Hum:
    """A tone that swells and fades every two seconds, never quite silent, without a click between its frames."""

    def __init__(self, tone_hz: float, loudness: float = LOUDNESS) -> None:
        self._tone_hz = tone_hz
        self._loudness = loudness
        self._position = 0

    def next_frame(self) -> Samples:
        """The next 20 ms: shape (1, 960), mono, 16 bits."""
        at_s = (self._position + np.arange(FRAME_SAMPLES)) / SAMPLE_RATE_HZ
        self._position += FRAME_SAMPLES
        swell = 0.6 - 0.4 * np.cos(2 * np.pi * at_s / SWELL_S)
        wave = np.sin(2 * np.pi * self._tone_hz * at_s) + 0.15 * np.sin(4 * np.pi * self._tone_hz * at_s)
        return (wave * swell * self._loudness * 32_767).astype(np.int16)[None, :]


def dominant_hz(samples: npt.NDArray[np.int16], sample_rate_hz: int = SAMPLE_RATE_HZ) -> float:
    """The strongest frequency of `samples` (one channel)."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * sample_rate_hz / len(samples))
