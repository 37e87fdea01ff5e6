"""Which core runs, and what is said where the one that is required is missing."""

import pytest

from sfu import hotpath
from sfu.hotpath import CoreMissingError, select
from tests.sfu.kit import ListOutlet


def test_the_reference_runs_where_it_is_asked_for() -> None:
    core = select("reference")
    assert (core.name, core.missing) == ("reference", "")
    assert core.fanout(ListOutlet(), 4).name == "reference"


def test_without_a_native_core_the_reference_serves_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotpath, "NATIVE_MODULES", (*hotpath.NATIVE_MODULES, "sfu._native.not_built"))
    core = select("auto")
    assert core.name == "reference"
    assert "sfu._native" in core.missing


def test_a_native_core_that_is_required_and_missing_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotpath, "NATIVE_MODULES", ("sfu._native.not_built",))
    with pytest.raises(CoreMissingError, match=r"gcc, libssl-dev and python3-dev.*media\.core"):
        select("native")
