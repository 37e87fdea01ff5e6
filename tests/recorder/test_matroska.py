"""Files that play whatever happened to their writer."""

from __future__ import annotations

import io

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder import opus
from recorder.ebml import EbmlError
from recorder.matroska import Chapter, MatroskaFile, Track, recover
from tests.recorder.kit import h264, vp8

AUDIO = Track(2, "audio", "A_OPUS", "Tiếng", opus.head(), channels=opus.CHANNELS)
VIDEO = Track(1, "video", "V_VP8", "Hình", width=64, height=48)
FRAMES, EVERY = 100, 25
AT_MS = 1_795_000_000_000


def write(*, finished: bool, chapters: tuple[Chapter, ...] = ()) -> io.BytesIO:
    """Four seconds of pictures at 25 a second, a key frame every second, and silence."""
    file = io.BytesIO()
    matroska = MatroskaFile(file, [VIDEO, AUDIO], title="Phiên họp", at_ms=AT_MS)
    silence = opus.multistream([opus.SILENT] * opus.VOICES)
    for number, frame in enumerate(vp8(FRAMES, every=EVERY)):
        matroska.write(2, number * 40, silence, is_key=True, lasts_ms=20)
        matroska.write(2, number * 40 + 20, silence, is_key=True, lasts_ms=20)
        matroska.write(1, number * 40, frame, is_key=not frame[0] & 1, lasts_ms=40)
    if finished:
        matroska.finish(chapters)
    else:
        matroska.flush()
    return file


def times_of(file: io.BytesIO) -> list[float]:
    file.seek(0)
    with av.open(file, "r") as opened:
        return [float(frame.time) for frame in opened.decode(opened.streams.video[0])]


def test_a_finished_file_knows_its_length_its_title_and_its_chapters() -> None:
    chapters = (Chapter(0, 2_000, "Trung tâm"), Chapter(2_000, 4_000, "Phường 10"))
    file = write(finished=True, chapters=chapters)
    file.seek(0)
    with av.open(file, "r") as opened:
        assert opened.format.name == "matroska,webm"
        assert opened.duration == 4_000_000
        assert opened.metadata["title"] == "Phiên họp"
        assert opened.metadata["creation_time"].startswith("2026-11-18T")
        assert [(c["start"] // 10**6, c["metadata"]["title"]) for c in opened.chapters()] == [
            (0, "Trung tâm"),
            (2_000, "Phường 10"),
        ]
        video, audio = opened.streams.video[0], opened.streams.audio[0]
        assert (video.codec_context.name, video.width, video.height) == ("vp8", 64, 48)
        assert (audio.codec_context.name, audio.codec_context.layout.name) == ("opus", "5.1")
    assert times_of(file) == [pytest.approx(number * 0.04) for number in range(FRAMES)]


@pytest.mark.parametrize("wanted_s", [0.5, 1.0, 2.7, 3.9])
def test_it_is_sought_by_its_key_frames(wanted_s: float) -> None:
    file = write(finished=True)
    file.seek(0)
    with av.open(file, "r") as opened:
        opened.seek(round(wanted_s * 1_000_000))
        first = next(opened.decode(opened.streams.video[0]))
        assert float(first.time) == pytest.approx(int(wanted_s), abs=0.001)


def test_webm_where_it_is_and_matroska_else() -> None:
    assert b"webm" in write(finished=False).getvalue()[:60]
    file = io.BytesIO()
    MatroskaFile(file, [Track(1, "video", "V_MPEG4/ISO/AVC", "x", b"\1", 64, 48)], title="", at_ms=0)
    assert b"matroska" in file.getvalue()[:60]
    assert h264(1), "it can be made"


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_file_cut_anywhere_is_made_whole_up_to_its_last_cluster(data: st.DataObject) -> None:
    whole = write(finished=False).getvalue()
    cut = data.draw(st.integers(0, len(whole)))
    file = io.BytesIO()
    file.write(whole[:cut])
    try:
        length_ms = recover(file, (Chapter(0, 10, "x"),))
    except EbmlError:
        assert cut < 700, "only a file without any cluster is lost"
        return
    times = times_of(file)
    assert times == [pytest.approx(number * 0.04) for number in range(len(times))]
    assert len(times) % EVERY == 0, "whole clusters"
    assert length_ms <= 4_000
    file.seek(0)
    with av.open(file, "r") as opened:
        assert opened.duration == length_ms * 1_000
        if times:
            opened.seek(round((len(times) / EVERY - 0.5) * 1_000_000))
            assert float(next(opened.decode(opened.streams.video[0])).time) == pytest.approx(len(times) / EVERY - 1)


def test_a_file_cut_in_its_head_is_given_up_wherever_the_cut_is() -> None:
    """The recorder begins with what the one before left: whatever that is, it must not end it."""
    whole = write(finished=False).getvalue()
    for cut in range(whole.index(b"\x1f\x43\xb6\x75")):
        with pytest.raises(EbmlError):
            recover(io.BytesIO(whole[:cut]))


def test_recovering_twice_changes_nothing() -> None:
    file = write(finished=False)
    assert recover(file) == 3_980
    once = file.getvalue()
    assert recover(file) == 3_980
    assert file.getvalue() == once


@given(st.binary(max_size=200))
def test_what_is_no_file_of_ours_is_refused(data: bytes) -> None:
    file = io.BytesIO(data)
    with pytest.raises(EbmlError):
        recover(file)
    assert file.getvalue() == data
