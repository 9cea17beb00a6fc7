"""Both directions in one text: `ncat -o`, HTTPie, requests_toolbelt's dump, a telnet session.

What follows a whole request and begins with HTTP/ is the answer. HTTPie prints fields in another
order than it sends them, requests_toolbelt marks the request with `<`, and a terminal has no CR.
"""

from __future__ import annotations

import re
from typing import Final

from ..findings import Finding, Severity
from .capture import Capture, Fidelity, Missing
from .composing import as_chunks, not_the_wire
from .gathering import DIRECTION, Gathering
from .layouts import LAID_OUT, fitting
from .messages import (
    REQUEST_LINE,
    STATUS_LINE,
    chunks_end,
    content_length,
    head_end,
    is_chunked,
    request_end,
    response_end,
)
from .refusal import refuse

BOTH: Final = "both-directions"
HTTPIE: Final = "httpie"
TOOLBELT: Final = "requests-toolbelt"
TELNET: Final = "telnet"
_NEXT = re.compile(rb"(?:\r?\n){0,4}(HTTP/1\.[01] \d{3}[ \r\n])")
_ANSWER = re.compile(rb"\n\n(HTTP/1\.[01] \d{3}[ \r\n])")
_BLANK = re.compile(rb"[\r\n]*+")
_HTTPIE = re.compile(rb"(?im)^user-agent: HTTPie/")
_HOST_FIRST = re.compile(rb"[^\n]*\n(?i:host):")
_MARKED = re.compile(rb"< " + REQUEST_LINE.pattern)
_MARKED_ANSWER = re.compile(rb"> HTTP/")
_ESCAPE = re.compile(rb"(?:[^\n]{0,200}\n){0,6}?Escape character is [^\n]*\n")


def recognise(head: bytes) -> str | None:
    """Why this is a request followed by its answer, or None."""
    end = request_end(head) if REQUEST_LINE.match(head) else None
    return "an HTTP response follows the request" if end is not None and _NEXT.match(head, end) else None


def read(data: bytes, source: str) -> Capture:
    """The requests among the answers; that each ends where HTTP says is the guess."""
    out, position = Gathering(), 0
    while position < len(data):
        end = request_end(data, position)
        if not REQUEST_LINE.match(data, position) or end is None:
            raise refuse(source, data, position, "expected the next whole request", "Capture with: tcpdump -w FILE")
        request = data[position:end]
        out.sent(1, request)
        position = end
        while answer := _NEXT.match(data, position):
            done = response_end(data, answer.start(1), request[: request.find(b" ")])
            out.answered(1, data[answer.start(1) : done])
            position = len(data) if done is None else done
        blank = _BLANK.match(data, position)
        position = blank.end() if blank else position
    out.note(DIRECTION)
    return out.capture(source, BOTH, fidelity=Fidelity.REPAIRED)


def recognise_httpie(head: bytes) -> str | None:
    """Why this is what HTTPie prints, or None."""
    end = head_end(head)
    printed = REQUEST_LINE.match(head) and end > 0 and _HTTPIE.search(head, 0, end) and not _HOST_FIRST.match(head)
    return "HTTPie's User-Agent, and Host is not first as it is on the wire" if printed else None


def read_httpie(data: bytes, source: str) -> Capture:
    """The request; its fields in HTTPie's order, its body, chunked again where the head says so."""
    end = head_end(data)
    if end < 0 or not REQUEST_LINE.match(data):
        raise refuse(
            source, data, 0, "expected a request that HTTPie printed", "Print it again with: http --print=HB …"
        )
    answer = _ANSWER.search(data, end)
    body = data[end : answer.start() if answer else len(data)]
    out = Gathering()
    _httpie_request(out, data[:end], body, ended=answer is not None)
    if answer:
        out.answered(1, data[answer.start(1) :])
    out.note(not_the_wire("HTTPie", "the order of fields and the chunks"))
    return out.capture(source, HTTPIE, fidelity=Fidelity.RECONSTRUCTED)


def _httpie_request(out: Gathering, head: bytes, body: bytes, *, ended: bool) -> None:
    """The head and the body; one that `--pretty=format` laid out anew is put back or counts as missing."""
    length = content_length(head)
    if is_chunked(head):
        head = re.sub(rb"(?im)^content-length:[^\n]*\n", b"", head)
        out.sent(1, head + as_chunks(body if ended else body.rstrip(b"\n")))
    elif length is None:
        out.sent(1, head)
    elif (sent := fitting(body, length)) is not None:
        out.sent(1, head + sent)
        if not body.startswith(sent):
            out.note(LAID_OUT)
    else:
        out.sent(1, head)
        out.lost(1, Missing(length=length), "http --print=HB --pretty=none …")


def recognise_toolbelt(head: bytes) -> str | None:
    """Why this is requests_toolbelt's dump, or None."""
    return "it begins with < and a request line, as requests_toolbelt writes it" if _MARKED.match(head) else None


def read_toolbelt(data: bytes, source: str) -> Capture:
    """The lines marked with <; only the first line of a body is marked."""
    out, position = Gathering(), 0
    while position < len(data):
        if not _MARKED.match(data, position):
            raise refuse(source, data, position, "expected < and a request line", "Dump it again")
        blank = data.find(b"\n< \r\n", position)
        if blank < 0:
            raise refuse(source, data, position, "the request head that begins here does not end", "Dump it again")
        lines = data[position : blank + 5].split(b"\n")
        head = b"\n".join(line.removeprefix(b"< ") for line in lines)
        begin = blank + 5
        begin += 2 if (is_chunked(head) or content_length(head)) and data.startswith(b"< ", begin) else 0
        end = chunks_end(data, begin) if is_chunked(head) else begin + (content_length(head) or 0)
        if end is None or end > len(data):
            raise refuse(source, data, begin, "the body that begins here is cut", "Dump it again")
        out.sent(1, head + data[begin:end])
        following = _MARKED_ANSWER.search(data, end)
        again = _MARKED.search(data, following.end()) if following else None
        position = again.start() if again else len(data)
    return out.capture(source, TOOLBELT)


def recognise_telnet(head: bytes) -> str | None:
    """Why this is a telnet session, or None."""
    match = _ESCAPE.match(head)
    return "telnet's Escape character is … comes first" if match and REQUEST_LINE.match(head, match.end()) else None


def read_telnet(data: bytes, source: str) -> Capture:
    """The typed request, up to the answer; telnet sends CR LF for each line."""
    escape = _ESCAPE.match(data)
    if escape is None or not REQUEST_LINE.match(data, escape.end()):
        raise refuse(source, data, 0, "expected a request behind telnet's messages", "Capture with: nc -l 8000 > FILE")
    text = data[escape.end() :].replace(b"\r\n", b"\n")
    answer = next(
        (match.start() for match in re.finditer(rb"(?m)^HTTP/1", text) if STATUS_LINE.match(text, match.start())), None
    )
    typed = text[:answer]
    closing = typed.find(b"Connection closed by foreign host.")
    typed = typed[: closing if closing >= 0 else None]
    out = Gathering()
    out.sent(1, typed.replace(b"\n", b"\r\n"))
    if answer is not None:
        out.answered(1, text[answer:])
    out.note(_TYPED)
    return out.capture(source, TELNET, fidelity=Fidelity.REPAIRED)


_TYPED: Final = Finding(
    rule="line-ends-assumed",
    severity=Severity.NOTE,
    message="A telnet session shows lines, not line ends; each line is taken to have been sent with CR LF.",
    help="Keep the bytes with: nc -l 8000 > FILE.",
)
