"""A small directory and imports for tests of indicators."""

from collections.abc import Mapping

from bridge.days import parse_day
from bridge.indicator_imports import CATEGORY, NUMBER, IndicatorImport, Part, Value
from bridge.indicators import Indicators
from bridge.units import Directory, Unit, one_point_each

UNITS = (
    Unit("VN", "Việt Nam", None, "country"),
    Unit("01", "Thành phố Hà Nội", "VN", "province"),
    Unit("001", "Quận Ba Đình", "01", "district"),
    Unit("00001", "Phường Phúc Xá", "001", "commune"),
    Unit("79", "Thành phố Hồ Chí Minh", "VN", "province"),
    Unit("773", "Quận 4", "79", "district"),
    Unit("27286", "Phường 10", "773", "commune"),
    Unit("27289", "Phường 13", "773", "commune"),
    Unit("771", "Quận 10", "79", "district"),
    Unit("27163", "Phường 10", "771", "commune"),
)
DIRECTORY = Directory(UNITS, one_point_each(UNITS))


def day(text: str) -> int:
    """A day that is known to be one."""
    found = parse_day(text)
    assert found is not None
    return found


TODAY = day("2021-09-10")


def part(name: str, date: str, values: Mapping[str, Value]) -> Part:
    """What an import says of one indicator; the kind is that of its values."""
    is_text = any(isinstance(value, str) for value in values.values())
    return Part(name, CATEGORY if is_text else NUMBER, day(date), values)


def record(*parts: Part, by: str = "center:test", at_ms: int = 1_631_000_000_000, file: str = "f.csv") -> IndicatorImport:
    """An import."""
    return IndicatorImport(at_ms, by, file, parts)


def indicators(*parts: Part) -> Indicators:
    """What these parts add up to, each an import of its own."""
    made = Indicators()
    for number, each in enumerate(parts, 1):
        made.take_over(number, record(each))
    return made
