"""Files that Chromium plays as camera and microphone: one colour, one tone, so that what arrives says who sent it."""

import wave
from pathlib import Path

import numpy as np

from tests.harness.webrtc import SAMPLE_RATE_HZ, Rgb

WIDTH, HEIGHT, FRAMES_PER_S = 640, 360, 20


def to_yuv(colour: Rgb) -> tuple[int, int, int]:
    """ITU-R BT.601, limited range: what Chromium takes a Y4M file for."""
    red, green, blue = colour
    y = 16 + (65.738 * red + 129.057 * green + 25.064 * blue) / 256
    u = 128 + (-37.945 * red - 74.494 * green + 112.439 * blue) / 256
    v = 128 + (112.439 * red - 94.154 * green - 18.285 * blue) / 256
    return round(y), round(u), round(v)


def write_camera(
    path: Path, colour: Rgb, frames: int = FRAMES_PER_S, size: tuple[int, int] = (WIDTH, HEIGHT), noise_lines: int = 0
) -> Path:
    """A Y4M film of one second of `colour`, with a small white square that walks along the lower edge.

    `noise_lines` of boiling blocks, if any, are along the upper edge: they cost an encoder bits, as a room full of people does.
    """
    width, height = size
    rng = np.random.default_rng(1)
    y, u, v = to_yuv(colour)
    chroma = bytes([u]) * (width * height // 4) + bytes([v]) * (width * height // 4)
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{width} H{height} F{FRAMES_PER_S}:1 Ip A1:1 C420mpeg2\n".encode())
        for number in range(frames):
            luma = np.full((height, width), y, np.uint8)
            if noise_lines:
                blocks = rng.integers(16, 235, (noise_lines // 8, width // 8), np.uint8)
                luma[: noise_lines // 8 * 8] = blocks.repeat(8, 0).repeat(8, 1)
            left = number * (width - 24) // frames
            luma[-24:, left : left + 24] = 235
            film.write(b"FRAME\n" + luma.tobytes() + chroma)
    return path


def write_microphone(path: Path, hz: int, seconds: int = 3) -> Path:
    """A WAV of a tone that comes in beats: a noise suppressor takes a tone that never changes for noise."""
    at_s = np.arange(SAMPLE_RATE_HZ * seconds) / SAMPLE_RATE_HZ
    beat = np.clip(np.sin(2 * np.pi * 2 * at_s) * 6, 0, 1)
    samples = (np.sin(2 * np.pi * hz * at_s) * beat * 16_000).astype("<i2")
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE_HZ)
        sound.writeframes(samples.tobytes())
    return path
