"""Findings as GitHub's workflow commands: each becomes an annotation at its file and line."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..inspection import Inspection
from ..span import printable
from .places import place_of, said

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_github(inspection: Inspection) -> str:
    """One line for each finding."""
    return "".join(f"{_annotation(finding, inspection)}\n" for finding in inspection.findings)


def _annotation(finding: Finding, inspection: Inspection) -> str:
    place = place_of(finding, inspection)
    properties = {"title": finding.rule}
    if place is not None:
        properties |= {"file": place.file, "line": str(place.line)}
        if place.column is not None:
            properties["col"] = str(place.column)
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {listed}::{_text(said(finding))}"


def _text(text: str) -> str:
    # A captured value could end the line and begin a command of its own.
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
