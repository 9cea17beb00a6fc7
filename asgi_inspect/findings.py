"""What is wrong, where, what the specification says about it, and what to do.

A rule is named for the bad pattern ("host-missing"), never for the cure. A finding is one
rule met at one place. Renderers draw findings; they never judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .span import Span


class Severity(StrEnum):
    """How much it matters; `rank` orders them, error highest."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for a note, 2 for an error."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule met at one place.

    `message` is one sentence that shows the value seen. `label` stands beside the caret.
    `notes` say who does what with it (a parser's own words, a server's answer). `spec` names
    the clause. `span`, `line` and `column` point into the bytes of connection `connection`;
    `source` into the application ("app.py:12"). What does not apply is None.
    """

    rule: str
    severity: Severity
    message: str
    label: str = ""
    notes: tuple[str, ...] = ()
    spec: str = ""
    help: str = ""
    connection: int = 1
    exchange: int | None = None
    step: int | None = None
    span: Span | None = None
    line: int | None = None
    column: int | None = None
    source: str | None = None


def selected(finding: Finding, select: tuple[str, ...], ignore: tuple[str, ...]) -> bool:
    """Whether --select and --ignore leave this finding in; both take rule names and prefixes."""
    if select and not finding.rule.startswith(select):
        return False
    return not (ignore and finding.rule.startswith(ignore))
