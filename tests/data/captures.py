"""Reads the captures beside this file; SOURCES.md says where they are from."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def offer(name: str) -> str:
    """One of the SDP offers, with its line ends as they were."""
    return (FOLDER / "sdp" / f"{name}.sdp").read_bytes().decode()


def offer_names() -> list[str]:
    """Every captured offer."""
    return sorted(path.stem for path in (FOLDER / "sdp").glob("*.sdp"))


def packets(name: str, kind: str) -> list[bytes]:
    """The ``rtp`` or ``rtcp`` packets of one capture, in the order of arrival."""
    lines = (FOLDER / "rtp" / f"{name}.hex").read_text().split("\n")
    return [bytes.fromhex(text) for found, _, text in (line.partition(" ") for line in lines) if found == kind]
