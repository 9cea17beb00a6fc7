"""Bodies that a tool printed anew, put back into the layouts in which they are usually sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from ..findings import Finding, Severity


def fitting(shown: bytes, length: int) -> bytes | None:
    """The first layout of `shown` that is `length` bytes long; None where none is."""
    return next((form for form in _layouts(shown) if len(form) == length), None)


def _layouts(shown: bytes) -> Iterator[bytes]:
    """The text itself, without the line ends behind it, and as JSON: spaced, and without blanks."""
    yield shown
    text = shown.rstrip(b"\n")
    yield from (shown[:end] for end in range(len(shown) - 1, len(text) - 1, -1)[:4])
    try:
        value = json.loads(shown)
    except (ValueError, RecursionError):
        return
    for separators in ((", ", ": "), (",", ":")):
        for ascii_only in (True, False):
            yield json.dumps(value, separators=separators, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


LAID_OUT: Final = Finding(
    rule="body-laid-out",
    severity=Severity.WARNING,
    message="The JSON was printed anew: it is taken in the layout whose length Content-Length says, "
    "and the order of its keys may have been another.",
    help="For the bytes themselves: curl --trace FILE URL, or tcpdump -w FILE.",
)
