"""An envelope is opened whole or not at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import sealing
from bridge.errors import BridgeError
from bridge.sealing import seal, unseal

LINES = [b'["one"]', b'["two"]' * 50, b"[]"]
ABOUT: sealing.About = {"sequence": 7, "key": "ab", "mark": "Phường"}
SEALED = seal(ABOUT, LINES)


def test_what_is_sealed_is_unsealed() -> None:
    about, lines = unseal(SEALED)
    assert (about, list(lines)) == (ABOUT, LINES)


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, by: int) -> None:
    damaged = bytearray(SEALED)
    damaged[place] ^= by
    outcome: object = "corrupt_record"
    try:
        outcome = unseal(bytes(damaged))
    except BridgeError as error:
        outcome = error.code
    assert outcome in ("corrupt_record", (ABOUT, LINES))  # a blank of the first line may be another blank


@given(st.integers(0, len(SEALED) - 1))
def test_a_part_is_not_enough(length: int) -> None:
    with pytest.raises(BridgeError, match="snapshot"):
        unseal(SEALED[:length])


@pytest.mark.parametrize("sealed", [b"", b"\n", b"[]\n", b"7\n", b"{}\n", b"\xff\n", b"[" * 100_000])
def test_what_is_no_envelope(sealed: bytes) -> None:
    with pytest.raises(BridgeError, match="snapshot"):
        unseal(sealed)


def test_what_is_about_something_else_is_noticed() -> None:
    head, _, packed = SEALED.partition(b"\n")
    envelope = json.loads(head)
    envelope["about"]["sequence"] = 8
    with pytest.raises(BridgeError, match="checksum"):
        unseal(json.dumps(envelope).encode() + b"\n" + packed)


def test_more_than_fits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MAX_UNPACKED_BYTES", 100)
    with pytest.raises(BridgeError, match="length"):
        unseal(SEALED)
