"""Files in which tools keep whole messages: WARC, Burp's XML, mitmproxy's flows, `wget -d`.

WARC and Burp (with base64) keep the bytes. Burp without base64 has lost CR to XML, mitmproxy puts
requests together again, and wget prints bodies only if they were given on its command line.
"""

from __future__ import annotations

import base64
import binascii
import re
from itertools import chain
from typing import Any, Final

from ..findings import Finding, Severity
from .capture import Capture, CaptureError, Fidelity, Missing
from .composing import as_chunks, head, not_the_wire
from .gathering import Gathering
from .messages import content_length, is_chunked
from .refusal import refuse

WARC: Final = "warc"
BURP: Final = "burp"
MITMPROXY: Final = "mitmproxy"
WGET: Final = "wget-debug"
_WARC_FIELD = re.compile(rb"(?im)^(warc-type|warc-target-uri|content-length|warc-concurrent-to):[ \t]*([^\r\n]*)")
_BURP_ITEM = re.compile(rb"<(request|response) base64=\"(true|false)\">(?:<!\[CDATA\[)?")
_WGET_BEGIN: Final = b"---request begin---\n"
_WGET_END: Final = b"---request end---\n"
_TNET = re.compile(rb"(\d{1,12}):")
_TNET_MARK = re.compile(rb"\d{1,12}:\d{1,9}:(?:websocket|response|request|version|type|backup|error|comment)[,;]")


def recognise_warc(head_: bytes) -> str | None:
    """Why this is a WARC file, or None."""
    return "a WARC record comes first" if re.match(rb"WARC/1\.\d\r?\n", head_) else None


def read_warc(data: bytes, source: str) -> Capture:
    """The request records, exact; each is a connection, since WARC tells no connections."""
    out, position, number = Gathering(), 0, 0
    while position < len(data):
        blank = data.find(b"\r\n\r\n", position)
        fields = {name.lower(): value for name, value in _WARC_FIELD.findall(data[position : max(blank, position) + 2])}
        length = fields.get(b"content-length", b"")
        end = blank + 4 + int(length) if length.isdigit() and len(length) < 16 else -1
        if not data.startswith(b"WARC/1.", position) or blank < 0 or not blank < end <= len(data):
            raise refuse(source, data, position, "expected a whole WARC record", "Write the file again")
        if fields.get(b"warc-type") == b"request":
            number += 1
            out.sent(number, data[blank + 4 : end])
            if fields.get(b"warc-target-uri", b"").lstrip(b"<").startswith(b"https:"):
                out.over_tls(number)
        elif fields.get(b"warc-type") == b"response" and number:
            out.answered(number, data[blank + 4 : end])
        position = end + 4 if data.startswith(b"\r\n\r\n", end) else end
    return out.capture(source, WARC)


def recognise_burp(head_: bytes) -> str | None:
    """Why this is Burp's XML, or None."""
    return "it is XML with a burpVersion" if head_.lstrip().startswith(b"<?xml") and b"burpVersion=" in head_ else None


def read_burp(data: bytes, source: str) -> Capture:
    """The requests of the items; those without base64 have lost CR, so CR LF is put back in the head."""
    out, position, number, lossy = Gathering(), 0, 0, False
    while item := _BURP_ITEM.search(data, position):
        kind, encoded = item[1], item[2] == b"true"
        end = data.find(b"</" + kind + b">", item.end())
        if end < 0:
            raise refuse(
                source, data, item.start(), f"the {kind.decode()} that begins here does not end", "Save it again"
            )
        text = data[item.end() : end].removesuffix(b"]]>")
        try:
            message = base64.b64decode(text, validate=True) if encoded else text
        except binascii.Error:
            raise refuse(source, data, item.start(), "the base64 there is damaged", "Save it again") from None
        if kind == b"request":
            number += 1
            lossy = lossy or not encoded
            out.sent(number, message if encoded else _with_crlf(message))
            if data.find(b"<protocol>https", position, item.start()) >= 0:
                out.over_tls(number)
        elif number:
            out.answered(number, message)
        position = end
    if lossy:
        out.note(_NO_BASE64)
    return out.capture(source, BURP, fidelity=Fidelity.REPAIRED if lossy else Fidelity.EXACT)


def _with_crlf(message: bytes) -> bytes:
    start, blank, body = message.replace(b"\r\n", b"\n").partition(b"\n\n")
    return (start + blank).replace(b"\n", b"\r\n") + body


_NO_BASE64: Final = Finding(
    rule="line-ends-assumed",
    severity=Severity.WARNING,
    message="Burp saved requests without base64, and XML has no CR: CR LF was put into the heads, bodies may differ.",
    help='Save the items again with "Base64-encode requests and responses" on.',
)


def recognise_mitmproxy(head_: bytes) -> str | None:
    """Why this is mitmproxy's flow file, or None."""
    return "a mitmproxy flow comes first" if _TNET_MARK.match(head_) else None


def read_mitmproxy(data: bytes, source: str) -> Capture:
    """The flows' requests, put together from their parts."""
    out, position, number = Gathering(), 0, 0
    while position < len(data):
        flow, position = _tnet(data, position, source, 0)
        request = flow.get(b"request") if isinstance(flow, dict) else None
        if isinstance(request, dict):
            number += 1
            out.sent(number, _from_parts(request, source))
            if request.get(b"scheme") in (b"https", b"wss"):
                out.over_tls(number)
    out.note(not_the_wire("A mitmproxy flow", "chunks, and fields that mitmproxy added or took away,"))
    return out.capture(source, MITMPROXY, fidelity=Fidelity.RECONSTRUCTED)


def _from_parts(request: dict[bytes, Any], source: str) -> bytes:
    parts = [request.get(key) for key in (b"method", b"path", b"http_version", b"headers", b"content")]
    method, path, version, fields, content = parts
    pairs = [pair for pair in fields if isinstance(pair, list)] if isinstance(fields, list) else [[]]
    whole = all(len(pair) == 2 for pair in pairs)
    if not whole or not all(isinstance(part, bytes) for part in (method, path, version, *chain.from_iterable(pairs))):
        raise CaptureError(f"{source}: a flow's request lacks its method, path or headers. Save the flows again")
    body = content if isinstance(content, bytes) else b""
    wire = head(method or b"", path or b"", [(name, value) for name, value in pairs])
    return wire + (as_chunks(body) if is_chunked(wire) else body)


def _tnet(data: bytes, position: int, source: str, depth: int) -> tuple[Any, int]:
    """One tnetstring: a length, a colon, so many bytes, and a sign for their type."""
    size = _TNET.match(data, position)
    start = size.end() if size else 0
    end = start + int(size[1]) if size else -1
    if size is None or end >= len(data) or depth > 50:
        raise CaptureError(f"{source}: the flow file is cut or damaged at byte {position}. Save the flows again")
    kind = data[end : end + 1]
    if kind not in b"}]":
        return (data[start:end] if kind in b",;" else None), end + 1
    items = []
    while start < end:
        item, start = _tnet(data, start, source, depth + 1)
        items.append(item)
    if kind == b"]":
        return items, end + 1
    keys = (key.encode() if isinstance(key, str) else key for key in items[::2])
    return {key: value for key, value in zip(keys, items[1::2], strict=False) if isinstance(key, bytes)}, end + 1


def recognise_wget(head_: bytes) -> str | None:
    """Why this is the output of `wget -d`, or None."""
    return "wget's ---request begin--- is in it" if b"\n" + _WGET_BEGIN in b"\n" + head_[:20_000] else None


def read_wget(data: bytes, source: str) -> Capture:
    """The heads, exact; bodies where wget printed them."""
    out, position, key = Gathering(), 0, 0
    while (begin := data.find(_WGET_BEGIN, position)) >= 0:
        key += b"\nCreated socket" in data[position:begin]
        end = data.find(_WGET_END, begin)
        if end < 0:
            raise refuse(source, data, begin, "the request that begins here does not end", "Log it again: wget -d URL")
        request = data[begin + len(_WGET_BEGIN) : end]
        if b"\r" not in request:
            raise refuse(source, data, begin, "the request has lost its CR", "Keep the bytes: wget -d URL 2> FILE")
        position = end + len(_WGET_END)
        length = content_length(request)
        printed = data.startswith(b"[BODY data: ", position) or data.startswith(b"[POST data: ", position)
        out.sent(key, request + (data[position + 12 : position + 12 + (length or 0)] if printed else b""))
        if length and not printed:
            out.lost(key, Missing(length=length), "tcpdump -w FILE tcp")
    return out.capture(source, WGET)
