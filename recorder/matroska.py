"""A Matroska file (RFC 9559), written so that it can be played whatever happens to the writer.

While it grows, the file is a segment of unknown length of whole clusters, each written in one piece: what a killed writer leaves
is playable up to its last second. :meth:`MatroskaFile.finish` makes it seekable *in place*: the cues and chapters go to the end,
and the room kept at the beginning takes where they are and how long it all is. :func:`recover` does the same for a file that was
left.

Nothing is copied for that, so finishing hours takes no longer than finishing seconds. Times are milliseconds from the file's
beginning.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Literal

from recorder import ebml

CLUSTER_MS: Final = 1000
"""A cluster is written when it is so old: what a killed writer loses at most, besides what waits to be put in order."""
CLUSTER_BYTES: Final = 4 << 20
SEEK_ROOM_BYTES: Final = 96
"""Kept for the SeekHead; four entries of 21 bytes at most, and its own head."""
DURATION_BYTES: Final = 11
SEEK_PREROLL_NS: Final = 80_000_000
"""Opus wants 80 ms before a place that is sought (RFC 7845 section 4.6)."""

_SEGMENT, _SEEK_HEAD, _SEEK, _SEEK_ID, _SEEK_POSITION = 0x18538067, 0x114D9B74, 0x4DBB, 0x53AB, 0x53AC
_INFO, _TIMESTAMP_SCALE, _DURATION, _MUXING_APP, _WRITING_APP, _TITLE = 0x1549A966, 0x2AD7B1, 0x4489, 0x4D80, 0x5741, 0x7BA9
_DATE_UTC = 0x4461
_TRACKS, _TRACK, _NUMBER, _UID, _TYPE, _LACING, _CODEC, _PRIVATE, _NAME = (
    0x1654AE6B,
    0xAE,
    0xD7,
    0x73C5,
    0x83,
    0x9C,
    0x86,
    0x63A2,
    0x536E,
)
_FLAG_DEFAULT, _SEEK_PREROLL, _CODEC_DELAY = 0x88, 0x56BB, 0x56AA
_VIDEO, _WIDTH, _HEIGHT, _AUDIO, _RATE, _CHANNELS = 0xE0, 0xB0, 0xBA, 0xE1, 0xB5, 0x9F
_CLUSTER, _TIMESTAMP, _SIMPLE_BLOCK = 0x1F43B675, 0xE7, 0xA3
_CUES, _CUE, _CUE_TIME, _CUE_PLACE, _CUE_TRACK, _CUE_CLUSTER = 0x1C53BB6B, 0xBB, 0xB3, 0xB7, 0xF7, 0xF1
_CHAPTERS, _EDITION, _ATOM, _CHAPTER_UID, _CHAPTER_START, _CHAPTER_END, _DISPLAY, _STRING, _LANGUAGE = (
    0x1043A770,
    0x45B9,
    0xB6,
    0x73C4,
    0x91,
    0x92,
    0x80,
    0x85,
    0x437C,
)
_EPOCH_2001_MS: Final = 978_307_200_000


@dataclass(frozen=True, slots=True)
class Track:
    """One track. ``codec`` is Matroska's name: ``V_VP8``, ``V_MPEG4/ISO/AVC``, ``A_OPUS``."""

    number: int
    kind: Literal["video", "audio"]
    codec: str
    name: str
    private: bytes = b""
    width: int = 0
    height: int = 0
    channels: int = 0

    def element(self) -> bytes:
        """The track's entry."""
        parts = [
            ebml.uint(_NUMBER, self.number),
            ebml.uint(_UID, self.number),
            ebml.uint(_TYPE, 1 if self.kind == "video" else 2),
            ebml.uint(_FLAG_DEFAULT, 1),
            ebml.uint(_LACING, 0),
            ebml.text(_NAME, self.name),
            ebml.text(_CODEC, self.codec),
        ]
        if self.private:
            parts.append(ebml.master(_PRIVATE, self.private))
        if self.kind == "video":
            parts.append(ebml.master(_VIDEO, ebml.uint(_WIDTH, self.width), ebml.uint(_HEIGHT, self.height)))
        else:
            parts += [ebml.uint(_CODEC_DELAY, 0), ebml.uint(_SEEK_PREROLL, SEEK_PREROLL_NS)]
            parts.append(ebml.master(_AUDIO, ebml.double(_RATE, 48_000.0), ebml.uint(_CHANNELS, self.channels)))
        return ebml.master(_TRACK, *parts)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of the file with a title."""

    start_ms: int
    end_ms: int
    title: str


@dataclass(slots=True)
class _Cluster:
    at_ms: int
    has_keyframe: bool
    blocks: list[bytes] = field(default_factory=list)
    size: int = 0


class MatroskaFile:
    """Writes packets in the order given; their times may go back by some seconds at most within a track's order.

    Args:
        file: empty, seekable; the caller opens and closes it.
        tracks: cannot change afterwards.
        title: shown by players.
        at_ms: when the file begins, milliseconds since the Unix epoch.

    Raises:
        OSError: whatever the disk says, from any method.
    """

    def __init__(self, file: BinaryIO, tracks: Sequence[Track], *, title: str, at_ms: int) -> None:
        self._file = file
        self._cluster: _Cluster | None = None
        self._cued = next((track.number for track in tracks if track.kind == "video"), tracks[0].number)
        self._has_video = any(track.kind == "video" for track in tracks)
        self._cues: list[tuple[int, int]] = []
        self._end_ms = 0
        is_webm = all(track.codec in {"V_VP8", "A_OPUS"} for track in tracks)
        file.write(_head(is_webm=is_webm))
        self._segment_at = file.tell()
        file.write(ebml.void(SEEK_ROOM_BYTES))
        self._info_at = file.tell()
        file.write(_info(title, at_ms))
        self._tracks_at = file.tell()
        file.write(ebml.master(_TRACKS, *(track.element() for track in tracks)))
        self.size_bytes = file.tell()
        file.flush()

    @property
    def duration_ms(self) -> int:
        """Where the last packet ends, as far as known."""
        return self._end_ms

    def write(self, track: int, at_ms: int, data: bytes, *, is_key: bool, lasts_ms: int = 0) -> None:
        """Adds a packet; a picture that is a key frame begins a cluster, so that a player finds it."""
        cluster = self._cluster
        is_cue = is_key and track == self._cued
        if (
            cluster is None
            or (is_cue and (self._has_video or at_ms - cluster.at_ms >= CLUSTER_MS))
            or self._is_full(cluster, at_ms)
        ):
            self.flush()
            cluster = self._cluster = _Cluster(max(0, at_ms), has_keyframe=False)
        cluster.has_keyframe |= is_cue
        block = struct.pack(">BhB", 0x80 | track, at_ms - cluster.at_ms, 0x80 if is_key else 0) + data
        element = ebml.master(_SIMPLE_BLOCK, block)
        cluster.blocks.append(element)
        cluster.size += len(element)
        self._end_ms = max(self._end_ms, at_ms + lasts_ms)

    @staticmethod
    def _is_full(cluster: _Cluster, at_ms: int) -> bool:
        return not -CLUSTER_MS < at_ms - cluster.at_ms < CLUSTER_MS or cluster.size >= CLUSTER_BYTES

    def flush(self) -> None:
        """Writes the cluster that waits, in one piece."""
        cluster, self._cluster = self._cluster, None
        if cluster is None:
            return
        at = self._file.tell()
        if cluster.has_keyframe:
            self._cues.append((cluster.at_ms, at - self._segment_at))
        self._file.write(ebml.master(_CLUSTER, ebml.uint(_TIMESTAMP, cluster.at_ms), *cluster.blocks))
        self._file.flush()
        self.size_bytes = self._file.tell()

    def finish(self, chapters: Sequence[Chapter] = ()) -> None:
        """Makes the file seekable. It takes no more packets."""
        self.flush()
        _finish(
            self._file, _Layout(self._segment_at, self._info_at, self._tracks_at, self._cued, self._cues, self._end_ms), chapters
        )
        self.size_bytes = self._file.tell()


@dataclass(frozen=True, slots=True)
class _Layout:
    segment_at: int
    info_at: int
    tracks_at: int
    cued: int
    cues: Sequence[tuple[int, int]]
    end_ms: int


def _head(*, is_webm: bool) -> bytes:
    """The EBML header, and the segment's. What holds VP8 and Opus alone is WebM too, and says so: Firefox plays nothing else."""
    doctype = "webm" if is_webm else "matroska"
    header = (
        ebml.uint(0x4286, 1), ebml.uint(0x42F7, 1), ebml.uint(0x42F2, 4), ebml.uint(0x42F3, 8),
        ebml.text(0x4282, doctype), ebml.uint(0x4287, 4), ebml.uint(0x4285, 2),
    )  # fmt: skip
    return ebml.master(0x1A45DFA3, *header) + ebml.id_bytes(_SEGMENT) + ebml.UNKNOWN_SIZE


def _info(title: str, at_ms: int) -> bytes:
    """Length is not known yet: its room comes first."""
    date = struct.pack(">q", (at_ms - _EPOCH_2001_MS) * 1_000_000)
    app = "Điểm Cầu"
    rest = (
        ebml.uint(_TIMESTAMP_SCALE, 1_000_000), ebml.master(_DATE_UTC, date), ebml.text(_TITLE, title),
        ebml.text(_MUXING_APP, app), ebml.text(_WRITING_APP, app),
    )  # fmt: skip
    content = ebml.void(DURATION_BYTES) + b"".join(rest)
    return ebml.id_bytes(_INFO) + ebml.size_bytes(len(content), 4) + content


def _finish(file: BinaryIO, layout: _Layout, chapters: Sequence[Chapter]) -> None:
    places = [(_INFO, layout.info_at), (_TRACKS, layout.tracks_at)]
    for number, element in ((_CUES, _cues(layout)), (_CHAPTERS, _chapters(chapters))):
        if element:
            places.append((number, file.tell()))
            file.write(element)
    end = file.tell()
    seek = ebml.master(_SEEK_HEAD, *(_seek(number, at - layout.segment_at) for number, at in places))
    file.seek(layout.info_at + 8)
    file.write(ebml.double(_DURATION, float(layout.end_ms)))
    file.seek(layout.segment_at)
    file.write(seek + ebml.void(SEEK_ROOM_BYTES - len(seek)))
    file.seek(layout.segment_at - 8)
    file.write(ebml.size_bytes(end - layout.segment_at, 8))
    file.seek(end)
    file.flush()


def _seek(number: int, position: int) -> bytes:
    return ebml.master(_SEEK, ebml.master(_SEEK_ID, ebml.id_bytes(number)), ebml.uint(_SEEK_POSITION, position))


def _cues(layout: _Layout) -> bytes:
    track = ebml.uint(_CUE_TRACK, layout.cued)
    points = [
        ebml.master(_CUE, ebml.uint(_CUE_TIME, at_ms), ebml.master(_CUE_PLACE, track, ebml.uint(_CUE_CLUSTER, place)))
        for at_ms, place in layout.cues
    ]
    return ebml.master(_CUES, *points) if points else b""


def _chapters(chapters: Sequence[Chapter]) -> bytes:
    atoms = [
        ebml.master(
            _ATOM,
            ebml.uint(_CHAPTER_UID, number),
            ebml.uint(_CHAPTER_START, chapter.start_ms * 1_000_000),
            ebml.uint(_CHAPTER_END, chapter.end_ms * 1_000_000),
            ebml.master(_DISPLAY, ebml.text(_STRING, chapter.title), ebml.text(_LANGUAGE, "vie")),
        )
        for number, chapter in enumerate(chapters, 1)
    ]
    return ebml.master(_CHAPTERS, ebml.master(_EDITION, *atoms)) if atoms else b""


HEAD_BYTES: Final = 1 << 16
"""Header, information and tracks are within this: codec data are some hundred bytes."""


def recover(file: BinaryIO, chapters: Sequence[Chapter] = ()) -> int:
    """Finishes a file whose writer did not, and gives its length in milliseconds. What is cut at its end is taken off.

    A file that was finished is left as it is.

    Args:
        file: open for reading and writing.
        chapters: to be entered.

    Raises:
        EbmlError: it ends before its first cluster, or is none of ours: nothing to be saved.
    """
    file.seek(0)
    data = file.read(HEAD_BYTES)
    _, size, at = ebml.read_header(data, 0)
    number, size, segment_at = ebml.read_header(data, at + size)
    if number != _SEGMENT:
        raise ebml.EbmlError("no segment")
    places: dict[int, int] = {}
    at = segment_at
    cued, duration_ms = 1, 0
    while _CLUSTER not in places:
        number, length, content = ebml.read_header(data, at)
        places[number] = at
        if number != _CLUSTER and content + length > len(data):
            raise ebml.EbmlError("its head is cut")
        if number == _INFO and data[content : content + 2] == ebml.id_bytes(_DURATION):
            duration_ms = round(struct.unpack(">d", data[content + 3 : content + 11])[0])
        if number == _TRACKS:
            cued = _cued_track(data[content : content + length])
        at = content + length if number != _CLUSTER else at
    if size >= 0:
        return duration_ms
    cues, end_ms, end = _scan(file, at, segment_at, cued)
    if end == at:
        raise ebml.EbmlError("no whole cluster")
    file.seek(end)
    file.truncate()
    _finish(file, _Layout(segment_at, places[_INFO], places[_TRACKS], cued, cues, end_ms), chapters)
    return end_ms


def _cued_track(tracks: bytes) -> int:
    """The picture, else the first track."""
    at, first = 0, 0
    while at < len(tracks):
        _, length, content = ebml.read_header(tracks, at)
        values = dict(_uints(tracks[content : content + length]))
        first = first or values[_NUMBER]
        if values[_TYPE] == 1:
            return values[_NUMBER]
        at = content + length
    return first


def _uints(data: bytes) -> list[tuple[int, int]]:
    found, at = [], 0
    while at < len(data):
        number, length, content = ebml.read_header(data, at)
        if length <= 8:
            found.append((number, int.from_bytes(data[content : content + length], "big")))
        at = content + length
    return found


def _scan(file: BinaryIO, at: int, segment_at: int, cued: int) -> tuple[list[tuple[int, int]], int, int]:
    """The cues, the last time and the end of all whole clusters."""
    cues: list[tuple[int, int]] = []
    end_ms = 0
    while True:
        file.seek(at)
        head = file.read(12)
        try:
            number, length, content = ebml.read_header(head, 0)
            body = file.read(length - (len(head) - content)) if number == _CLUSTER else b""
            if number != _CLUSTER or len(head) - content + len(body) < length:
                break
            at_ms, last_ms, is_cue = _scan_cluster(head[content:] + body, cued)
        except (ebml.EbmlError, struct.error):
            break
        if is_cue:
            cues.append((at_ms, at - segment_at))
        end_ms = max(end_ms, last_ms)
        at += content + length
    return cues, end_ms, at


def _scan_cluster(data: bytes, cued: int) -> tuple[int, int, bool]:
    at, at_ms, last_ms, is_cue = 0, 0, 0, False
    while at < len(data):
        number, length, content = ebml.read_header(data, at)
        if number == _TIMESTAMP:
            at_ms = int.from_bytes(data[content : content + length], "big")
        elif number == _SIMPLE_BLOCK:
            track, relative_ms, flags = struct.unpack(">BhB", data[content : content + 4])
            last_ms = max(last_ms, at_ms + relative_ms)
            is_cue |= track & 0x7F == cued and bool(flags & 0x80)
        at = content + length
    return at_ms, last_ms, is_cue
