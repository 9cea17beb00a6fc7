"""The response as bytes for a page: who wrote which line, what is framing, what content; and the content readable."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from typing import NamedTuple

from ..exchange import By, Exchange, Response, Verdict
from ..recording import Folded, Outcome
from ..span import visible
from .bytes_text import is_text
from .elements import Markup, element, joined, seen
from .layout import size
from .meanings import of_field
from .response_text import app_headers, blocks, decoded_content, header_of, heads, indented, written_by

_CHUNK_LINE = re.compile(rb"([0-9a-fA-F]{1,15})[^\r\n]{0,256}\r\n")
_JSON = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*|\btrue\b|\bfalse\b|\bnull\b)')
_HEX_SHOWN = 256


class Written(NamedTuple):
    """A stretch of the response: "status", "app", "server", "field", "end", "chunk", "content" or "frames"."""

    kind: str
    data: bytes


def response_html(exchange: Exchange, defaults: Sequence[tuple[bytes, bytes]], limit: int) -> Markup:
    """The bytes on the wire, then the content as a person reads it; or why there is none."""
    response = exchange.response
    if response is None or response.by is By.STAND_IN:
        return element("p", _nothing(exchange), class_="none")
    wire = response.wire.head if isinstance(response.wire, Folded) else response.wire
    written = list(parts_of_response(wire, exchange, defaults))
    lines = [line for part in written for line in _lines(part, limit)]
    by_app = any(part.kind == "app" for part in written)
    hidden = len(response.wire) - len(wire)
    return joined(
        _key(written) if by_app else None,
        element("div", *lines, class_="wire-lines"),
        element("p", f"… {size(hidden)} more were sent; --body-limit keeps more", class_="more") if hidden else None,
        *_content(response, limit),
    )


def _nothing(exchange: Exchange) -> str:
    if exchange.scope is not None and exchange.outcome is not Outcome.NOT_RUN:
        return "Nothing went to the client."
    if exchange.verdict is Verdict.REJECTED:
        return "Nothing: the connection is closed without a word."
    if exchange.verdict is Verdict.INCOMPLETE:
        return "Nothing yet: the request is not complete."
    return "No application was named, so none answered: --app calls one."


def _key(written: list[Written]) -> Markup:
    """What the colours of the lines mean; each line names its writer too."""
    names = {"app": "from the application", "server": "added by the server", "chunk": "chunk sizes", "content": "body"}
    met = dict.fromkeys(part.kind for part in written if part.kind in names)
    return element("p", *(element("span", names[kind], class_=f"key-{kind}") for kind in met), class_="colours")


def parts_of_response(wire: bytes, exchange: Exchange, defaults: Sequence[tuple[bytes, bytes]]) -> Iterator[Written]:
    """Every byte of `wire` in order, each stretch with what it is."""
    response = exchange.response
    given = app_headers(exchange)
    position, chunked = 0, False
    if exchange.http2 is not None:
        yield from _fields(exchange, defaults)
        return
    for head in heads(wire):
        by = By.SERVER if response is None else response.by
        for number, (line, writer) in enumerate(written_by(head, defaults, given, by)):
            kind = "status" if number == 0 else (writer or "field") if line else "end"
            yield Written(kind, line + b"\r\n")
            name, _, value = line.partition(b": ")
            chunked |= name.lower() == b"transfer-encoding" and b"chunked" in value.lower()
        position += len(head)
    if chunked:
        position = yield from _chunks(wire, position)
    if position < len(wire):
        upgraded = exchange.websocket is not None and exchange.websocket.accepted
        yield Written("frames" if upgraded else "content", wire[position:])


def _fields(exchange: Exchange, defaults: Sequence[tuple[bytes, bytes]]) -> Iterator[Written]:
    """Of HTTP/2 the fields that HPACK made, and the content: the wire has them in frames."""
    response = exchange.response
    assert response is not None
    for head in blocks(response):
        for number, (line, writer) in enumerate(written_by(head, defaults, app_headers(exchange), response.by)):
            if line:
                yield Written("status" if number == 0 else writer or "field", line)
    body = response.body.head if isinstance(response.body, Folded) else response.body
    if body:
        yield Written("content", body)


def _chunks(wire: bytes, position: int) -> Generator[Written, None, int]:
    """Sizes and content by turns, as far as they hold; returns where they end."""
    while match := _CHUNK_LINE.match(wire, position):
        length = int(match[1], 16)
        yield Written("chunk", match[0])
        start = match.end()
        if length:
            yield Written("content", wire[start : start + length])
        end = start + length
        ending = wire[end : end + 2] if wire.startswith(b"\r\n", end) else b""
        if ending:
            yield Written("chunk", ending)
        position = min(end + len(ending), len(wire))
        if not length or not ending:
            break
    return position


_NAMED = {"app": "app", "server": "server", "chunk": "framing"}


def _lines(part: Written, limit: int) -> Iterator[Markup]:
    """A stretch line by line; content over the limit is counted, binary content told."""
    shown = part.data[:limit] if part.kind == "content" else part.data
    if part.kind == "frames":
        yield element("div", element("code", f"{size(len(part.data))} of frames"), class_="w content")
        return
    if part.kind == "content" and not is_text(shown):
        yield element("div", element("code", f"{size(len(part.data))}, binary"), class_="w content")
        return
    name = part.data.partition(b":")[0]
    tip = of_field(name).text if part.kind in ("app", "server", "field") else None
    for line in shown.splitlines(keepends=True):
        tag = element("span", _NAMED[part.kind], class_="by") if part.kind in _NAMED else None
        yield element("div", element("code", seen(line)), tag, class_=f"w {part.kind}", title=tip)
    if len(shown) < len(part.data):
        told = f"… {size(len(part.data) - len(shown))} more; --body-limit shows more"
        yield element("div", told, class_="w more")


def _content(response: Response, limit: int) -> Iterator[Markup]:
    """The content without framing and compression: JSON indented, HTML as its source, binary as hex."""
    body = response.body.head if isinstance(response.body, Folded) else response.body
    if not body:
        return
    title = ["The content"]
    encoding = header_of(response, b"content-encoding").lower()
    if encoding and not isinstance(response.body, Folded):
        decoded = decoded_content(body, encoding)
        title.append(f"decoded from {encoding}" if decoded is not None else f"in {encoding}, not decoded here")
        body = body if decoded is None else decoded
    readable = indented(body, response)
    kind = header_of(response, b"content-type").partition(";")[0].strip()
    title += ["JSON, indented" if readable is not body else f"{kind}, as its source" if kind else "as it is"]
    if readable is body and len(title) == 2 and header_of(response, b"transfer-encoding") == "":
        return  # the bytes above read the same
    shown = readable[:limit]
    if is_text(shown):
        inner = joined(*(_readable(line, readable is not body) for line in shown.splitlines()))
    else:
        inner = joined(element("span", shown[:_HEX_SHOWN].hex(" ")))
        shown = shown[:_HEX_SHOWN]
    hidden = len(readable) - len(shown)
    more = element("p", f"… {size(hidden)} more; --body-limit shows more", class_="more") if hidden else None
    yield element("h5", ", ".join(title))
    yield joined(element("pre", inner, class_="content"), more)


def _readable(line: bytes, is_json: bool) -> Markup:
    text = visible(line)
    if not is_json:
        return element("span", text)
    pieces: list[str | None] = []
    position = 0
    for match in _JSON.finditer(text):
        pieces.append(text[position : match.start()])
        string, colon, other = match.groups()
        kind = "name" if colon else "str" if string else "oth"
        pieces += [element("i", string or other, class_=kind), colon]
        position = match.end()
    return element("span", *pieces, text[position:])
