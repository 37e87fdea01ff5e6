"""Codes and feeds."""

import pytest

from bridge.errors import BridgeError
from bridge.ids import check_code, is_code, point_feed, point_of_feed


@pytest.mark.parametrize("text", ["VN", "01", "26740", "26740-2", "a.b_c-d", "main", "x" * 32])
def test_codes(text: str) -> None:
    assert is_code(text)
    assert check_code(text, "Mã", "code") == text


@pytest.mark.parametrize("text", ["", "-a", ".a", "a b", "a/b", "26740\n", "đ", "１２", "x" * 33, "a\u200b", "../x", "a:b"])
def test_what_is_no_code(text: str) -> None:
    assert not is_code(text)
    with pytest.raises(BridgeError) as refused:
        check_code(text, "Mã đơn vị", "unit code")
    assert refused.value.code == "bad_identifier"
    assert "unit code" in refused.value.message_en
    assert "Mã đơn vị" in refused.value.message_vi


def test_feeds() -> None:
    assert point_feed("26740") == "point:26740"
    assert point_of_feed("point:26740-2") == "26740-2"


@pytest.mark.parametrize("feed", ["center", "point", "point:", "point:a b", "Point:1", "", "point:x\n"])
def test_feeds_of_no_point(feed: str) -> None:
    assert point_of_feed(feed) is None
