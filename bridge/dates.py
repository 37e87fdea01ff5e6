"""Points in time as people write them, to and from milliseconds since the Unix epoch; no clock and no time zone database.

Vietnam has been seven hours ahead of UTC, without summer time, since 1975.
"""

import re
from typing import Final

VIETNAM_OFFSET_MIN: Final = 7 * 60
DAY_MS: Final = 86_400_000

_MOMENT: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?", re.ASCII | re.IGNORECASE
)
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def day_number(year: int, month: int, day: int) -> int | None:
    """Give the number of days from 1 January 1970 to a day of the Gregorian calendar; None for a day that there is not."""
    if not (1970 <= year <= 9999 and 1 <= month <= 12):
        return None
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= day <= _MONTH_DAYS[month - 1] + (is_leap and month == 2):
        return None
    before = year - 1
    leaps = before // 4 - before // 100 + before // 400 - (1969 // 4 - 1969 // 100 + 1969 // 400)
    days = (year - 1970) * 365 + leaps + sum(_MONTH_DAYS[: month - 1]) + (is_leap and month > 2)
    return days + day - 1


def parse_moment(text: str) -> int | None:
    """Read ``2021-09-02 18:20``, seconds and zone (``Z``, ``+07:00``) if wanted; without a zone it is Vietnam's time.

    None for anything else.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or "0") for part in found.groups()[:6])
    days = day_number(year, month, day)
    if days is None or hour > 23 or minute > 59 or second > 59:
        return None
    zone = found[7]
    offset_min = VIETNAM_OFFSET_MIN
    if zone is not None:
        offset_min = 0
        if zone.upper() != "Z":
            hours, minutes = int(zone[1:3]), int(zone[4:6])
            if hours > 14 or minutes > 59:
                return None
            offset_min = (hours * 60 + minutes) * (-1 if zone[0] == "-" else 1)
    at = ((days * 24 + hour) * 60 + minute - offset_min) * 60_000 + second * 1000
    return at if at >= 0 else None
