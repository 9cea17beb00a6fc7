"""The file and line that a finding points at, for reports that other programs read."""

from __future__ import annotations

from dataclasses import dataclass

from ..findings import Finding
from ..inspection import Inspection

NO_FILE = ("standard input", "request")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file, a line, and the column where it is known."""

    file: str
    line: int
    column: int | None = None


def place_of(finding: Finding, inspection: Inspection) -> Place | None:
    """The application's line, else the line of the capture; None where it was not read from a file."""
    if finding.source:
        file, _, line = finding.source.rpartition(":")
        return Place(file=file, line=int(line)) if file and line.isdigit() else None
    if finding.line is None or inspection.capture.source in NO_FILE:
        return None
    return Place(file=inspection.capture.source, line=finding.line, column=finding.column)


def said(finding: Finding) -> str:
    """The message, where it was met, and what to do."""
    where = [f"request {finding.exchange}"] if finding.exchange is not None else []
    where += [f"step {finding.step}"] if finding.step is not None else []
    place = f" ({', '.join(where)})" if where else ""
    return f"{finding.message}{place}" + (f"; {finding.help}" if finding.help else "")
