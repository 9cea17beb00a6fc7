"""The end of a test run tells how many cases were compared with uvicorn, and how many differed."""

import pytest

from tests import comparison


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shown even where the tests' own output is captured."""
    if comparison.CASES:
        terminalreporter.section("compared with uvicorn's own protocol classes")
    for topic, cases in comparison.CASES.items():
        terminalreporter.line(f"{topic}: {cases} cases, {comparison.DIFFERENCES[topic]} differences")
