"""Calendar days as whole numbers, so that logic without a clock can compare and count them.

A *day* is the number of days since 1 January 1970 in the Gregorian calendar. Which day it is now depends on where one stands:
`day_at` needs the offset from UTC, which for the whole of Việt Nam is seven hours.
"""

import re
from typing import Final

FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2099
"""Years outside are slips of the keyboard: 0021, 20211, 2201."""
VIETNAM_OFFSET_MS: Final = 7 * 3_600_000
DAY_MS: Final = 86_400_000

_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_LOCAL: Final = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def day_of(year: int, month: int, day: int) -> int | None:
    """Give the number of that day, or None when the calendar has no such day between 1990 and 2099."""
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= _days_in(year, month)):
        return None
    # Years are counted from March, so that the leap day is the last of its year.
    shifted = year - (month <= 2)
    era, year_of_era = divmod(shifted, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def parse_day(text: str) -> int | None:
    """Read ``2021-09-02`` or, as people write it here, ``02/09/2021`` (day first; ``.`` and ``-`` do too); else None."""
    if (found := _ISO.fullmatch(text)) is not None:
        return day_of(int(found[1]), int(found[2]), int(found[3]))
    if (found := _LOCAL.fullmatch(text)) is not None:
        return day_of(int(found[3]), int(found[2]), int(found[1]))
    return None


def day_text(day: int) -> str:
    """Write a day as ``2021-09-02``."""
    era, day_of_era = divmod(day + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    year = year_of_era + era * 400 + (month <= 2)
    return f"{year:04}-{month:02}-{day_of_year - (153 * shifted_month + 2) // 5 + 1:02}"


def day_at(at_ms: int, offset_ms: int = VIETNAM_OFFSET_MS) -> int:
    """Give the day that it is at ``at_ms`` (milliseconds since the epoch) where clocks are ``offset_ms`` ahead of UTC."""
    return (at_ms + offset_ms) // DAY_MS


def _days_in(year: int, month: int) -> int:
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _MONTH_DAYS[month - 1]
