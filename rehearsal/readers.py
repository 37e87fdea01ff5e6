"""Readers for viewers: which SSRC of an answer is which slot."""

from __future__ import annotations

from rehearsal.handshake import MediaKeys
from rehearsal.measures import SampleCounts
from rehearsal.offers import AUDIO_PAYLOAD_TYPE, VIDEO_PAYLOAD_TYPE, Answer
from rehearsal.pattern import Kind
from rehearsal.samples import SampleReader


def reader_of(
    keys: MediaKeys, answer: Answer, slots: tuple[tuple[str, ...], tuple[str, ...]], counts: SampleCounts, seed: int
) -> SampleReader:
    """A reader for a viewer that offered these slots."""
    names = slots[0] + slots[1]
    streams: dict[int, tuple[str, Kind, int]] = {}
    for place, ssrc in answer.ssrcs.items():
        is_video = place < len(slots[0])
        streams[ssrc] = (names[place], "video" if is_video else "audio", VIDEO_PAYLOAD_TYPE if is_video else AUDIO_PAYLOAD_TYPE)
    return SampleReader(keys, streams, counts, seed)
