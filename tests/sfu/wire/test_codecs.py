from __future__ import annotations

from sfu.wire import codecs


def test_names_are_found_in_any_case() -> None:
    assert [codecs.canonical_name(name) for name in ("vp8", "VP8", "h264", "OPUS", "VP9", "")] == [
        "VP8",
        "VP8",
        "H264",
        "opus",
        None,
        None,
    ]


def test_tables_speak_of_the_same_codecs() -> None:
    assert set(codecs.CLOCK_RATES) == set(codecs.KINDS) == {"opus", "VP8", "H264"}
    assert {name for name, kind in codecs.KINDS.items() if kind == "video"} == set(codecs.KEYFRAME_DETECTORS)


def test_detectors() -> None:
    vp8_key, h264_key = bytes.fromhex("10503f009d012a80026801"), b"\x67\x42\xe0\x1f"
    assert codecs.is_keyframe_start("VP8", vp8_key)
    assert not codecs.is_keyframe_start("VP8", h264_key)
    assert codecs.is_keyframe_start("H264", h264_key)
    assert not codecs.is_keyframe_start("H264", vp8_key)
    assert codecs.is_keyframe_start("opus", b"")
