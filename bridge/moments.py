"""Points in time as people write them, as milliseconds since the Unix epoch; no clock and no time zone database."""

import re
from typing import Final

from bridge.days import DAY_MS, VIETNAM_OFFSET_MS, parse_day

_MOMENT: Final = re.compile(r"([0-9./-]{8,10})[Tt ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?([Zz]|[+-][0-9]{2}:[0-9]{2})?")


def parse_moment(text: str) -> int | None:
    """Read ``2021-09-02 18:20`` or ``02/09/2021 18:20``, with seconds and a zone (``Z``, ``+07:00``) if wanted.

    Without a zone it is Vietnam's time. None for anything else.
    """
    found = _MOMENT.fullmatch(text.strip())
    day = parse_day(found[1]) if found is not None else None
    if found is None or day is None:
        return None
    hour, minute, second = int(found[2]), int(found[3]), int(found[4] or "0")
    if hour > 23 or minute > 59 or second > 59:
        return None
    offset_ms = _offset_ms(found[5])
    return None if offset_ms is None else day * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 - offset_ms


def _offset_ms(zone: str | None) -> int | None:
    if zone is None:
        return VIETNAM_OFFSET_MS
    if zone in {"Z", "z"}:
        return 0
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if hours > 14 or minutes > 59:
        return None
    return (hours * 60 + minutes) * 60_000 * (-1 if zone[0] == "-" else 1)
