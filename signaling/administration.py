"""What the administration page has besides accounts, rosters, indicators, sessions and reports: units, and sheets of links."""

from __future__ import annotations

from collections.abc import Callable

from signaling.rest_desk import RestDesk
from signaling.sheets_api import SheetsApi
from signaling.store import Store
from signaling.units_api import UnitsApi


def administration(desk: RestDesk, store: Store, link_of: Callable[[str], str]) -> tuple[UnitsApi, SheetsApi]:
    """Its routes' owners; ``link_of`` gives the present link of a point."""
    return UnitsApi(desk, store), SheetsApi(desk, link_of)
