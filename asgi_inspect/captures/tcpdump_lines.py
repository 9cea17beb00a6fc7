"""The lines of tcpdump's text: its own messages, and how the line of a packet begins under any of its options."""

from __future__ import annotations

import re
from typing import Final

# A time (or none, with -t), after a number with -#; what the packet is follows.
STAMP: Final = rb" {0,8}(?:\d+  )?(?:(?:\d{4}-\d\d-\d\d )?(?:\d\d:\d\d:\d\d\.\d{1,9}|\d{1,12}\.\d{1,9}) |(?=IP6? \S))"
_OWN = re.compile(rb"(?:(?:tcpdump|listening|reading|dropped|[^\n]{0,80}[$#] )[^\n]*+\n|[ \t\r]*+\n)*+")


def first_packet(data: bytes) -> int:
    """Where the first packet's line may stand: behind tcpdump's messages, the prompt and blank lines."""
    own = _OWN.match(data)
    return own.end() if own else 0
