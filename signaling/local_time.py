"""Moments as people of the country read them: UTC+7, no summer time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

LOCAL: Final = timezone(timedelta(hours=7))


def local_time(at: int) -> str:
    """A moment, in milliseconds since the Unix epoch: ``02/09/2021 18:20:05``."""
    return datetime.fromtimestamp(at / 1000, LOCAL).strftime("%d/%m/%Y %H:%M:%S")
