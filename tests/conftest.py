"""What every test gets: the service fixtures, and no silent complaints of the event loop."""

import logging
from collections.abc import Generator, Iterator

import pytest

from tests.harness.browser import FAILED, browsers
from tests.harness.firefox import foxes
from tests.harness.service import module_service, service

__all__ = ["browsers", "foxes", "module_service", "service"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what uses our browsers or our service, so that tools/test.sh runs it where it belongs though nobody thought of it."""
    marks = {"browsers": "browser", "foxes": "browser", "service": "service", "module_service": "service"}
    for item in items:
        fixtures = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
        for name in marks.keys() & fixtures.keys():
            if fixtures[name][-1].func.__module__.startswith("tests.harness."):
                item.add_marker(marks[name])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Lets fixtures know that the test failed (browsers then keep their screens)."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


class _Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(self.format(record))


@pytest.fixture(autouse=True)
def _loop_complaints() -> Iterator[None]:
    """Fails a test whose event loop complained (an exception that nobody retrieved, a task destroyed while pending)."""
    complaints = _Complaints()
    logger = logging.getLogger("asyncio")
    logger.addHandler(complaints)
    try:
        yield
    finally:
        logger.removeHandler(complaints)
    assert not complaints.records, "\n".join(complaints.records)
