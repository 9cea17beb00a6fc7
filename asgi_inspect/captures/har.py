"""HAR, as browsers, Playwright and proxies save it: requests and answers as JSON.

A body is text there, even where it was not: whether UTF-8, Latin-1 or neither gives back the bytes
shows in Content-Length. Where neither does, the body is missing, and that is said.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..findings import Finding, Severity
from .capture import Capture, CaptureError, Fidelity, Missing
from .composing import Fields, as_bytes, as_chunks, has, head, not_the_wire, target_of, value_of
from .gathering import Gathering
from .refusal import refuse

FORMAT: Final = "har"
KEEPS: Final = "tcpdump -w FILE tcp"
_MARK = re.compile(rb'\s*\{\s*"log"\s*:\s*\{')
_INSIDE = re.compile(rb'"(?:entries|creator)"\s*:\s*[\[{]')
_AGAIN: Final = "Save the HAR again"
_OPCODES: Final = (1, 2, 8, 9, 10)

Json = Mapping[str, Any]


def recognise(head_: bytes) -> str | None:
    """Why this is a HAR, or None."""
    return "it is JSON with log and entries" if _MARK.match(head_) and _INSIDE.search(head_) else None


def read(data: bytes, source: str) -> Capture:
    """The requests that were sent, one connection for each that the HAR names, put together again."""
    log = _log(data, source)
    creator = log.get("creator")
    reader = _Reader(source, hidden=isinstance(creator, dict) and creator.get("name") == "WebInspector")
    for number, entry in enumerate(log["entries"], 1):
        try:
            reader.entry(number, entry)
        except _Misfit as misfit:
            raise CaptureError(f"{source}: entry {number} of the HAR {misfit}. {_AGAIN}") from None
    return reader.capture()


def _log(data: bytes, source: str) -> Json:
    try:
        found = json.loads(data)
    except json.JSONDecodeError as error:
        offset = len(error.doc[: error.pos].encode("utf-8", "replace"))
        raise refuse(source, data, offset, f"the HAR is not whole JSON ({error.msg})", _AGAIN) from None
    except (UnicodeDecodeError, RecursionError) as error:
        raise CaptureError(f"{source}: the HAR is not JSON in UTF-8 ({type(error).__name__}). {_AGAIN}") from None
    log = found.get("log") if isinstance(found, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        raise CaptureError(f"{source}: expected a HAR, which is JSON with a list at log.entries. {_AGAIN}")
    return log


class _Misfit(Exception):
    """What an entry lacks."""


def _text(holder: Json, key: str, default: str | None = None) -> str:
    value = holder.get(key, default)
    if not isinstance(value, str):
        raise _Misfit(f"has no text at {key}")
    return value


def _object(holder: Any, key: str) -> Json:
    value = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(value, dict):
        raise _Misfit(f"has no object at {key}")
    return value


def _number(holder: Json, key: str) -> int:
    value = holder.get(key)
    return int(value) if isinstance(value, (int, float)) and abs(value) < 1 << 62 else -1


def _fields(holder: Json) -> Fields:
    """The fields in order; Chrome puts several of one name into one value, one a line."""
    found: Fields = []
    for item in holder.get("headers") or ():
        if not isinstance(item, dict):
            raise _Misfit("has a header that is no object")
        name = _text(item, "name").encode("latin-1", "replace")
        for value in _text(item, "value", "").split("\n"):
            found.append((name, as_bytes(value.strip("\r"))))
    return found


@dataclass(slots=True)
class _Reader:
    """What the entries add up to."""

    source: str
    out: Gathering = field(default_factory=Gathering)
    skipped: int = 0
    frames: int = 0
    added: list[int] = field(default_factory=list)
    hidden: bool = False  # Chrome wrote it, and no request has shown a cookie or credentials

    def entry(self, number: int, entry: Any) -> None:
        """One request, its answer and, on a WebSocket, the client's messages."""
        request = _object(entry, "request")
        url = target_of(_text(request, "url"))
        if url is None or not _was_sent(entry):
            self.skipped += 1
            return
        fields = _fields(request)
        pseudo = {name: value for name, value in fields if name.startswith(b":")}
        fields = [(name, value) for name, value in fields if not name.startswith(b":")]
        if not has(fields, b"host"):
            fields.insert(0, (b"Host", pseudo.get(b":authority", url.host)))
        self.hidden = self.hidden and not has(fields, b"cookie") and not has(fields, b"authorization")
        self.frames += _text(request, "httpVersion", "").upper().startswith(("H2", "H3", "HTTP/2", "HTTP/3"))
        body = _body(request, fields)
        if isinstance(body, bytes) and body and not (has(fields, b"content-length") or _is_chunked(fields)):
            fields.append((b"Content-Length", b"%d" % len(body)))
            self.added.append(number)
        named = entry.get("connection")
        key = named if isinstance(named, str) and named and not self.frames else ("entry", number)
        target = pseudo.get(b":path", url.target)
        self._send(key, request, target, fields, body)
        if url.tls:
            self.out.over_tls(key)
        for frame in _messages(entry):
            self.out.sent(key, frame)
        if answer := _response(entry):
            self.out.answered(key, answer)

    def _send(self, key: Hashable, request: Json, target: bytes, fields: Fields, body: bytes | Missing) -> None:
        wire = head(_text(request, "method").encode("latin-1", "replace"), target, fields)
        if isinstance(body, Missing):
            self.out.sent(key, wire)
            self.out.lost(key, body, KEEPS)
        else:
            self.out.sent(key, wire + (as_chunks(body) if _is_chunked(fields) else body))

    def capture(self) -> Capture:
        """All of it, with what a HAR cannot tell."""
        self.out.note(not_the_wire("A HAR", "the order and spelling of fields, chunks and frames"))
        for count, finding in ((self.skipped, _SKIPPED), (len(self.added), _ADDED), (self.hidden, _HIDDEN)):
            if count:
                self.out.note(finding)
        return self.out.capture(self.source, FORMAT, fidelity=Fidelity.RECONSTRUCTED, segments=True)


def _is_chunked(fields: Fields) -> bool:
    return b"chunked" in (value_of(fields, b"transfer-encoding") or b"").lower()


def _was_sent(entry: Json) -> bool:
    """Whether the request left the browser: not out of its cache, not redirected inside."""
    response = entry.get("response")
    fields = _fields(response) if isinstance(response, dict) else []
    return not entry.get("_fromCache") and not has(fields, b"non-authoritative-reason")


def _body(request: Json, fields: Fields) -> bytes | Missing:
    """The content: the encoding of the text that has the length the head tells; Missing where none has."""
    length = value_of(fields, b"content-length")
    told = int(length) if length and length.isdigit() and len(length) < 19 else None
    post = request.get("postData")
    text = post.get("text") if isinstance(post, dict) else None
    if not isinstance(text, str):
        text = ""
    size = told if told is not None else _number(request, "bodySize")
    if isinstance(post, dict) and post.get("encoding") == "base64":
        candidates = list(_from_base64(text))
    else:
        candidates = [as_bytes(text), *_latin1(text)]
    for candidate in candidates:
        if len(candidate) == size and "\ufffd" not in text:
            return candidate
    if told is None and (text or size <= 0):
        return candidates[0] if candidates else b""
    return Missing(length=size) if size > 0 else b""


def _latin1(text: str) -> Iterator[bytes]:
    try:
        yield text.encode("latin-1")
    except UnicodeEncodeError:
        return


def _from_base64(text: str) -> Iterator[bytes]:
    try:
        yield base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return


def _messages(entry: Json) -> Iterator[bytes]:
    """The client's WebSocket messages as frames; their masks are lost, so they are masked with zeros."""
    for message in entry.get("_webSocketMessages") or ():
        if not isinstance(message, dict) or message.get("type") != "send":
            continue
        opcode, data = message.get("opcode"), message.get("data")
        if opcode in _OPCODES and isinstance(data, str):
            content = as_bytes(data) if opcode == 1 else next(_from_base64(data), as_bytes(data))
            yield _frame(int(opcode), content)


def _frame(opcode: int, content: bytes) -> bytes:
    length = len(content)
    if length < 126:
        size = bytes((0x80 | length,))
    elif length < 1 << 16:
        size = b"\xfe" + length.to_bytes(2, "big")
    else:
        size = b"\xff" + length.to_bytes(8, "big")
    return bytes((0x80 | opcode,)) + size + b"\0\0\0\0" + content


def _response(entry: Json) -> bytes:
    """The answer as text of HTTP/1.1; its content is what the browser decoded."""
    response = entry.get("response")
    if not isinstance(response, dict) or _number(response, "status") < 100:
        return b""
    content = response.get("content")
    text = content.get("text") if isinstance(content, dict) else None
    body = as_bytes(text) if isinstance(text, str) else b""
    if isinstance(content, dict) and content.get("encoding") == "base64":
        body = next(_from_base64(text or ""), b"")
    line = f"HTTP/1.1 {_number(response, 'status')} {response.get('statusText') or ''}".encode("latin-1", "replace")
    lines = [b"%b: %b\r\n" % pair for pair in _fields(response) if not pair[0].startswith(b":")]
    return b"%b\r\n%b\r\n%b" % (line, b"".join(lines), body)


_SKIPPED: Final = Finding(
    rule="requests-skipped",
    severity=Severity.NOTE,
    message="Entries that reached no server (from a cache, redirected inside the browser, data: URLs) are left out.",
)
_ADDED: Final = Finding(
    rule="length-added",
    severity=Severity.NOTE,
    message="Requests with a body and no Content-Length (as in HTTP/2) were given one, which HTTP/1.1 needs.",
)
_HIDDEN: Final = Finding(
    rule="credentials-absent",
    severity=Severity.NOTE,
    message="No request has a Cookie or Authorization field; Chrome leaves them out unless asked to keep them.",
)
