"""Faults in the bytes of a request: named rules that explain what the two parsers said of them.

`RULES` is the whole table; a rule is found by its id in one search, and added to the tuple at the
end of its family's file. The table is imported when a request is odd enough to need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..findings import Finding
from .quick import nothing_odd
from .request import Reading, Request

if TYPE_CHECKING:
    from .rule import Fault
    from .table import RULES

__all__ = ["RULES", "Fault", "Reading", "Request", "find_faults", "nothing_odd"]


def find_faults(request: Request) -> list[Finding]:
    """What is wrong with `request`, in the order of the bytes; one refused or cut short has one error at least."""
    if request.accepted and nothing_odd(request.data, request.start, request.end):
        return []
    from .table import explain

    return explain(request)


def __getattr__(name: str) -> Any:
    """`RULES` and `Fault`, imported when first asked for."""
    if name in ("RULES", "Fault"):
        from . import table

        return getattr(table, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
