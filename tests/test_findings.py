"""Severities are ordered, and rules are picked by name or by the beginning of one."""

from __future__ import annotations

import dataclasses

import pytest

from asgi_inspect import Finding, Severity
from asgi_inspect.findings import selected


def finding(rule: str) -> Finding:
    return Finding(rule=rule, severity=Severity.WARNING, message="")


def test_an_error_ranks_above_a_warning_above_a_note() -> None:
    assert [severity.rank for severity in (Severity.NOTE, Severity.WARNING, Severity.ERROR)] == [0, 1, 2]
    assert [str(severity) for severity in Severity] == ["note", "warning", "error"]


@pytest.mark.parametrize(
    ("select", "ignore", "left"),
    [
        ((), (), ["host-missing", "host-empty", "bare-lf"]),
        (("host-missing",), (), ["host-missing"]),
        (("host-",), (), ["host-missing", "host-empty"]),
        (("host",), ("host-e",), ["host-missing"]),
        ((), ("host", "bare-lf"), []),
        (("bare-lf", "host-missing"), (), ["host-missing", "bare-lf"]),
        (("nothing",), (), []),
        (("bare-lf",), ("bare-lf",), []),
    ],
)
def test_select_and_ignore(select: tuple[str, ...], ignore: tuple[str, ...], left: list[str]) -> None:
    rules = ["host-missing", "host-empty", "bare-lf"]

    assert [rule for rule in rules if selected(finding(rule), select, ignore)] == left


def test_what_was_found_is_not_edited() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        finding("x").message = "y"  # type: ignore[misc]
