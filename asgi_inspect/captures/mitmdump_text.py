"""What mitmdump prints of its flows (`--flow-detail 1` to `4`): method, URL, fields, and a body laid out anew.

The fields are the wire's, in order. A body is taken in the layout that is as long as Content-Length
says; where none is, or the detail was too low for fields or bodies, it counts as missing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from ..findings import Finding, Severity
from .capture import Capture, Fidelity, Missing
from .composing import Fields, Target, as_chunks, has, head, not_the_wire, target_of, value_of
from .gathering import Gathering
from .guesses import counted
from .layouts import LAID_OUT, fitting
from .refusal import refuse

FORMAT: Final = "mitmdump"
_TIME: Final = rb"(?:\[\d\d:\d\d:\d\d\.\d{3}\])?"
_FLOW = re.compile(
    _TIME
    + rb" ?(?:[\w.:\[\]-]{1,100}): ([A-Z]{2,20}) ((?:https?|wss?)://[^\s]{1,65536})(?: HTTP/\d(?:\.\d)?)?[ \t]*\r?\n"
)
_EVENT = re.compile(_TIME + rb"(?:\[[^\n]{1,100}\]|HTTP\(S\) proxy listening|Loading script)[^\n]*\n|[ \t\r]*\n")
_STATUS = re.compile(rb" +<< [^\n]*(?:\n|$)")
_FIELD = re.compile(rb"    ([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([^\n]*)\n")
_TEXT = re.compile(rb"(?:    ([^\n]*))?\n")
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})|\\([tnr\\'])")
_PLAIN: Final = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"\\": b"\\", b"'": b"'"}
_KEEPS: Final = "mitmdump -w FILE"
_AGAIN: Final = f"Save the flows with: {_KEEPS}"


def recognise(head_: bytes) -> str | None:
    """Why this is mitmdump's text, or None."""
    position = 0
    while event := _EVENT.match(head_, position):
        position = event.end()
    flow = _FLOW.match(head_, position)
    return "mitmdump's line of a client, a method and a URL" if flow else None


def read(data: bytes, source: str) -> Capture:
    """Each flow as a connection of its own."""
    out, position, number, bare = Gathering(), 0, 0, 0
    while position < len(data):
        if event := _EVENT.match(data, position):
            position = event.end()
            continue
        flow = _FLOW.match(data, position)
        if flow is None:
            raise refuse(source, data, position, "expected a client's address, a method and a URL", _AGAIN)
        target = target_of(flow[2].decode("utf-8", "replace"))
        if target is None:
            raise refuse(source, data, position, "the URL has no host that can be read", _AGAIN)
        number, position = number + 1, flow.end()
        fields: Fields = []
        while field := _FIELD.match(data, position):
            fields.append((field[1], _ESCAPED.sub(_unescaped, field[2].rstrip(b"\r"))))
            position = field.end()
        bare += not fields
        begin = position
        while text := _TEXT.match(data, position):
            position = text.end()
        shown = b"\n".join(line[4:] for line in data[begin:position].split(b"\n")[1:-2])
        _request(out, number, flow[1], target, fields, shown)
        if flow[2].startswith((b"https:", b"wss:")):
            out.over_tls(number)
        position = _after_answer(data, position)
    out.note(not_the_wire("mitmdump's text", "what the client said to the proxy, chunks and the layout of bodies"))
    if bare:
        out.note(_WITHOUT_FIELDS)
    return out.capture(source, FORMAT, fidelity=Fidelity.RECONSTRUCTED)


def _request(out: Gathering, number: int, method: bytes, target: Target, fields: Fields, shown: bytes) -> None:
    if not has(fields, b"host"):
        fields.insert(0, (b"Host", target.host))
    start = head(method, target.target, fields)
    length = (value_of(fields, b"content-length") or b"").strip()
    if has(fields, b"transfer-encoding"):
        out.sent(number, start + (as_chunks(shown) if shown else b""))
        if shown:
            out.note(replace(_CHUNKED, connection=number))
        else:
            out.lost(number, Missing(length=None, framed=True), _KEEPS)
        return
    body = fitting(shown, int(length)) if length.isdigit() else b""
    out.sent(number, start + (body or b""))
    if body is None:
        out.lost(number, Missing(length=int(length)), _KEEPS)
    elif not shown.startswith(body):
        out.note(replace(LAID_OUT, connection=number))
    elif dots := body.count(b"."):
        out.note(_dots(dots, number))


def _after_answer(data: bytes, position: int) -> int:
    """Behind the status line, the fields and the body of the answer, which are indented."""
    status = _STATUS.match(data, position)
    if status is None:
        return position
    position = status.end()
    while text := _TEXT.match(data, position):
        position = text.end()
    return position


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),)) if match[1] else _PLAIN[match[2]]


def _dots(count: int, connection: int) -> Finding:
    return Finding(
        rule="bytes-guessed",
        severity=Severity.WARNING,
        message=f"{counted(count, 'byte')} printed as '.' in the body, which stands for itself or a control character.",
        help=f"{_AGAIN}.",
        connection=connection,
    )


_CHUNKED: Final = Finding(
    rule="body-laid-out",
    severity=Severity.WARNING,
    message="The body was sent in chunks and is printed anew, as text: nothing tells its length or its layout.",
    help=f"{_AGAIN}.",
)
_WITHOUT_FIELDS: Final = Finding(
    rule="fields-left-out",
    severity=Severity.WARNING,
    message="With --flow-detail 1 mitmdump prints no fields and no bodies: only method and URL are known.",
    help=f"{_AGAIN}, or print them with: --flow-detail 3.",
)
