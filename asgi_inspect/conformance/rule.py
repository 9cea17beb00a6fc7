"""What a conformance rule is: one bad pattern, what the specification says, who minds, and the check itself.

A rule reads a finished recording and nothing else. Adding one means writing one function under
`@rule(…)` in the file of its subject; the catalogue finds it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..findings import Severity
from .example import Example


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Where a rule is met: one sentence that shows the values; `severity` where it is not the rule's own.

    `step` counts from 1. None for both `step` and `source`: it is about the call as a whole.
    """

    message: str
    step: int | None = None
    source: str | None = None
    severity: Severity | None = None


Check = Callable[[Any], Iterable[Met]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `on` is what it reads: calls of these protocols, or the "application" itself.

    `seen` tells how real servers reacted to `wrong`, a call of the first of them, in the notation of
    `reactions`. `why` is the check's docstring. `right` is the nearest code that is in order.
    """

    id: str
    severity: Severity
    check: Check
    spec: str
    help: str
    why: str
    wrong: Example
    right: Example
    seen: str = ""
    on: tuple[str, ...] = ("http",)


def rule(
    id: str,
    severity: Severity,
    *,
    spec: str,
    help: str,
    wrong: Example,
    right: Example,
    seen: str = "",
    on: tuple[str, ...] = ("http",),
) -> Callable[[Check], Rule]:
    """Make the function under it, which finds where the rule is met, into the rule `id`."""
    return lambda check: Rule(
        id=id,
        severity=severity,
        check=check,
        spec=spec,
        help=help,
        why=" ".join((check.__doc__ or "").split()),
        wrong=wrong,
        right=right,
        seen=seen,
        on=on,
    )


ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


def kind(value: object) -> str:
    """A value's type as a message names it."""
    return "None" if value is None else type(value).__name__


def shown(value: object) -> str:
    """A value as a message quotes it, cut where it is long."""
    try:
        text = repr(value)
    except Exception:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 60 else f"{text[:57]}…"


def count(number: int, noun: str) -> str:
    """ "1 byte", "2,048 bytes"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
