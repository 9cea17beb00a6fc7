"""What `cat -v` and `cat -A` print: `^M` for CR, `M-C` for a byte of 128 and more, `$` before each line end.

The same signs may stand in the text itself, so each that is turned back is a guess, and counted.
"""

from __future__ import annotations

import re
from typing import Final

from ..findings import Finding, Severity
from .capture import Capture, ClientConnection
from .guesses import counted, guessed
from .refusal import refuse

FORMAT: Final = "cat-v"
_MARK = re.compile(rb"[!-~]{1,40} [^ \n]{1,65536} HTTP/\d\.\d\^M(\$?)\n")
# "M-^M-" is rather the two bytes M-^ and M-… than the one byte M-^M before a hyphen.
_SIGN = re.compile(rb"M-(?:\^(?!M-)([@-_?])|([ -~]))|\^([@-_?])")
_UNDOLLARED = re.compile(rb"(?m)(?<!\$)$(?!\Z)")
_AGAIN: Final = "Print it again with: xxd FILE; or give FILE itself"


def recognise(head: bytes) -> str | None:
    """Why this is the output of cat -v, or None."""
    return "the request line ends in ^M, as cat -v draws it" if _MARK.match(head) else None


def read(data: bytes, source: str) -> Capture:
    """The bytes that the signs stand for."""
    mark = _MARK.match(data)
    if mark is None:
        raise refuse(source, data, 0, "expected a request line that ends in ^M", _AGAIN)
    text = data
    if mark[1]:
        if lacking := _UNDOLLARED.search(data):
            raise refuse(source, data, lacking.start(), "expected $ at the end of the line, as cat -A draws it", _AGAIN)
        text = data.replace(b"$\n", b"\n")
    found, count = _SIGN.subn(_byte, text)
    capture = Capture(source=source, format=FORMAT, connections=(ClientConnection(number=1, data=found),))
    return guessed(capture, _guess(count))


def _byte(sign: re.Match[bytes]) -> bytes:
    high_control, high, control = sign.groups()
    if control:
        return bytes((ord(control) ^ 0x40,))
    return bytes((0x80 | (ord(high) if high else ord(high_control) ^ 0x40),))


def _guess(count: int) -> Finding:
    return Finding(
        rule="bytes-guessed",
        severity=Severity.WARNING,
        message=f"{counted(count, 'time')} ^X or M-X taken for the one byte that cat -v draws so; "
        "the text may have held these signs themselves.",
        help=f"{_AGAIN}.",
    )
