"""What the routes of the indicators take and answer; each model is also its part of the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bridge.indicator_filter import MAX_CHARS
from bridge.indicator_imports import NAME_MAX_CHARS
from signaling.rest import QueryModel

MAX_VALUES: int = 20_000
DEFAULT_VALUES: int = 1_000

Kind = Literal["number", "category"]
Value = int | float | str
Date = Annotated[str, Field(description="a day, 2021-09-02", examples=["2021-09-02"])]
DateQuery = Annotated[str, Field(max_length=10, description="2021-09-02 or 02/09/2021", examples=["2021-09-02"])]
Name = Annotated[str, Field(min_length=1, max_length=NAME_MAX_CHARS)]
Unit = Annotated[str, Field(min_length=1, max_length=32, description="a unit's code")]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IndicatorView(_Answer):
    """One indicator. Dates are of all its values, future ones too; ``last_import`` is the number of the import."""

    name: str
    kind: Kind
    units: int
    first_date: Date
    last_date: Date
    last_import: int
    categories: list[str]


class ImportView(_Answer):
    """One import; ``at`` is in milliseconds since the epoch."""

    number: int
    at: int
    by: str
    file: str
    names: list[str]
    values: int
    first_date: Date
    last_date: Date


class IndicatorList(_Answer):
    """All indicators, and the newest imports first."""

    at: int
    today: Date
    indicators: list[IndicatorView]
    imports: list[ImportView]


class ValuesQuery(QueryModel):
    """``sort`` is an indicator's name, with ``-`` before it for the largest first; without it, the directory's order."""

    name: Name
    date: DateQuery | None = None
    earlier: DateQuery | None = Field(None, description="also rank the units, at the date and at this earlier one")
    unit: Unit | None = Field(None, description="only this unit and what is below it")
    filter: str = Field("", max_length=MAX_CHARS, examples=["cases > 100 and zone = đỏ"])
    sort: str | None = Field(None, min_length=1, max_length=NAME_MAX_CHARS + 1)
    limit: int = Field(DEFAULT_VALUES, ge=1, le=MAX_VALUES)
    inherited: bool = Field(False, description="a unit without a value has that of the nearest unit above")
    missing: bool = Field(False, description="units without a value too, the last in any order")


class ValueView(_Answer):
    """A unit's value; ``source`` is the unit that it was given to. Ranks count from 1, the largest first."""

    unit: str
    unit_name: str
    value: Value | None
    date: Date | None
    source: str | None
    rank: int | None = None
    earlier_rank: int | None = None
    moved: int | None = Field(None, description="places gone up since the earlier date, down where negative")


class ValueList(_Answer):
    """Values at a date, of the bearer's scope. ``total`` counts what fits, ``units`` are the first of them."""

    at: int
    name: str
    kind: Kind
    date: Date
    total: int
    has_more: bool
    units: list[ValueView]


class HistoryQuery(QueryModel):
    """The history of what and of whom."""

    name: Name
    unit: Unit


class HistoryValue(_Answer):
    """A value, and the import that said so; that one's particulars are null when it was forgotten."""

    date: Date
    value: Value
    number: int
    imported_at: int | None
    by: str | None
    file: str | None


class History(_Answer):
    """All values of a unit, oldest first."""

    at: int
    name: str
    kind: Kind
    unit: str
    unit_name: str
    values: list[HistoryValue]


class ImportQuery(QueryModel):
    """``dry_run`` only checks; ``file`` is the name that goes on record."""

    dry_run: bool = False
    file: str = Field("", max_length=80)


class ImportedIndicator(_Answer):
    """What an import says of one indicator."""

    name: str
    kind: Kind
    is_new: bool
    values: int
    first_date: Date
    last_date: Date


class ImportAnswer(_Answer):
    """An import that is good; ``number`` is null when it was only checked."""

    number: int | None
    values: int
    units: int
    indicators: list[ImportedIndicator]
