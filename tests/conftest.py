"""What all tests share: Django's settings kept apart, and at the end the cases that were compared with uvicorn."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests import comparison

# No test is timed: the machine may have other work.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells how many cases its tests compared."""
    told = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["compared"] = {topic: (count, comparison.DIFFERENCES[topic]) for topic, count in comparison.CASES.items()}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """The sum over all workers, where there are any."""
    for topic, (cases, differences) in getattr(node, "workeroutput", {}).get("compared", {}).items():
        comparison.CASES[topic] += cases
        comparison.DIFFERENCES[topic] += differences


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shown even where the tests' own output is captured."""
    if comparison.CASES:
        terminalreporter.section("compared with uvicorn's own protocol classes")
    for topic, cases in comparison.CASES.items():
        terminalreporter.line(f"{topic}: {cases} cases, {comparison.DIFFERENCES[topic]} differences")


@pytest.fixture
def own_django_settings() -> Iterator[None]:
    """Django keeps its settings for the process, and other tests have sites of their own."""
    from django.conf import empty, settings  # type: ignore[import-untyped]

    before, settings._wrapped = settings._wrapped, empty
    yield
    settings._wrapped = before
