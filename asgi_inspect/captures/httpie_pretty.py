"""What HTTPie prints on a terminal or with `--pretty`: colours, sorted fields, a body that is laid out anew.

The colours come off. JSON is put back into the forms that HTTPie and browsers send; the one that is as
long as Content-Length says is taken, and where none is, the body counts as missing.
"""

from __future__ import annotations

import re
from typing import Final

from .capture import Capture, Fidelity, Missing
from .composing import not_the_wire
from .gathering import Gathering
from .layouts import LAID_OUT, fitting
from .messages import REQUEST_LINE, content_length, head_end, is_chunked
from .refusal import refuse

FORMAT: Final = "httpie-pretty"
_COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
_MARK = re.compile(rb"(?:\x1b\[[0-9;]*m)+[!-~]{1,40}\x1b\[[0-9;]*m ")
_ANSWER = re.compile(rb"\n\n+(?=HTTP/\d(?:\.\d)? \d{3}[ \r\n])")
_NOTE: Final = b"NOTE: binary data not shown in terminal"
_AGAIN: Final = "Print it again with: http --print=HB --pretty=none …"
_KEEPS: Final = "http --print=HB --pretty=none …"


def recognise(head: bytes) -> str | None:
    """Why this is what HTTPie prints in colours, or None."""
    coloured = _MARK.match(head) and REQUEST_LINE.match(_COLOUR.sub(b"", head))
    return "a request line in the colours of HTTPie" if coloured else None


def read(data: bytes, source: str) -> Capture:
    """One request: its fields in HTTPie's order, and its body where the length tells that it is the one."""
    text = _COLOUR.sub(b"", data)
    end = head_end(text)
    if end < 0 or not REQUEST_LINE.match(text):
        raise refuse(source, data, 0, "expected a request that HTTPie printed, up to its blank line", _AGAIN)
    head = _with_crlf(text[:end])
    answer = _ANSWER.search(text, end - 1)
    out = Gathering()
    out.note(not_the_wire("HTTPie's layout", "the order of fields, the chunks and the layout of the body"))
    _body(out, head, text[end : answer.start() if answer else len(text)])
    if answer:
        begin = answer.end()
        end = max(begin, head_end(text, begin))
        out.answered(1, _with_crlf(text[begin:end]) + text[end:])
    return out.capture(source, FORMAT, fidelity=Fidelity.RECONSTRUCTED)


def _with_crlf(head: bytes) -> bytes:
    """HTTPie prints CR LF behind the last line of a head only."""
    return head.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _body(out: Gathering, head: bytes, shown: bytes) -> None:
    length = content_length(head)
    if length is None and not is_chunked(head):
        out.sent(1, head)
        return
    body = fitting(shown, length) if length is not None and _NOTE not in shown else None
    if body is not None and not is_chunked(head):
        out.sent(1, head + body)
        if not shown.startswith(body):
            out.note(LAID_OUT)
        return
    out.sent(1, head)
    out.lost(1, Missing(length=None if is_chunked(head) else length, framed=is_chunked(head)), _KEEPS)
