"""The scope and the messages that an application gets, as Python values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..asgi import HTTP_DISCONNECT, HTTP_SCOPE, Message
from ..exchange import Exchange, Verdict
from ..span import printable
from .layout import Line, Page, Role, line_width, plain, quoted, role_of, text_width, value_lines, words

_COLUMNS = 32  # a page with less room for two columns has values below their keys


def scope_lines(exchange: Exchange, page: Page) -> Iterator[Line]:
    """The scope as Python values, a key a line, headers as two columns."""
    scope = exchange.scope
    if scope is None:
        told = {
            Verdict.REJECTED: "none: the server answers by itself and never calls the application",
            Verdict.INCOMPLETE: "none yet: the application is called when the head is complete",
        }
        yield from ([(line, Role.QUIET)] for line in words(told.get(exchange.verdict, "none"), page.width))
        return
    for line in words("what the app is called with: await app(scope, receive, send)", page.width):
        yield [(line, Role.QUIET)]
    yield from mapping_lines(in_reading_order(scope), page)


def in_reading_order(scope: Mapping[str, Any]) -> dict[str, Any]:
    """The keys as they come on the wire, not as the server happened to put them in."""
    order = [*HTTP_SCOPE, *(key for key in scope if key not in HTTP_SCOPE)]
    return {key: scope[key] for key in order if key in scope}


def mapping_lines(mapping: Mapping[str, Any], page: Page) -> Iterator[Line]:
    """Keys in one column, values in the next; below its key where that leaves too little room."""
    names = {key: printable(key if isinstance(key, str) else quoted(key)) for key in mapping}
    column = min(max(map(text_width, names.values()), default=0) + 2, 16)
    for key, value in mapping.items():
        name = names[key] + " " * max(column - text_width(names[key]), 1)
        beside = page.width - text_width(name) >= min(_COLUMNS, page.width) // 2
        room = page.width - (text_width(name) if beside else 2)
        limit = page.body_limit if key == "body" else max(page.body_limit, 2048)
        rows = list(header_lines(value, room, limit) if key == "headers" else value_lines(value, room, limit))
        rows = rows or [plain("[]")]
        if beside:
            yield [(name, Role.LABEL), *rows[0]]
        else:
            yield from ([(line, Role.LABEL)] for line in words(names[key], page.width))
        margin = " " * (page.width - room)
        yield from ([(margin, Role.PLAIN), *row] for row in (rows[1:] if beside else rows))


def header_lines(headers: Any, width: int, limit: int) -> Iterator[Line]:
    """Name and value pairs as two columns of byte strings; a long value goes below its name."""
    if not isinstance(headers, list | tuple) or not all(_is_pair(header) for header in headers):
        yield from value_lines(headers, width, limit)
        return
    column = min(max((text_width(quoted(name)) for name, _ in headers), default=0) + 2, width * 3 // 5)
    for name, value in headers:
        shown = quoted(name)
        fits = text_width(shown) + 1 < column
        rows = list(value_lines(value, width - (column if fits else 2), limit))
        if fits and len(rows) == 1:
            yield [(shown + " " * (column - text_width(shown)), role_of(name)), *rows[0]]
            continue
        yield from value_lines(name, width, limit)
        narrow = list(value_lines(value, width - 2, limit))
        for row in narrow:
            yield [("  ", Role.PLAIN), *row]


def _is_pair(header: Any) -> bool:
    return isinstance(header, list | tuple) and len(header) == 2


def receive_lines(exchange: Exchange, page: Page) -> Iterator[Line]:
    """The messages that `await receive()` gives, one after another, and what comes then."""
    if exchange.scope is None:
        return
    for line in words("what each await receive() gives, in order", page.width):
        yield [(line, Role.QUIET)]
    for message in exchange.receive:
        yield from message_lines(message, page)
    gone = bool(exchange.receive) and exchange.receive[-1].get("type") in (HTTP_DISCONNECT, "websocket.disconnect")
    if not gone:
        then = "then it waits: for its response to end, or the client to leave"
        for line in words(f"{page.glyphs.ellipsis} {then}", page.width):
            yield [(line, Role.QUIET)]


def message_lines(message: Message, page: Page) -> Iterator[Line]:
    """A message on one line where it fits, else a key a line."""
    kind = printable(str(message.get("type", "(no type)")))
    line: Line = [(kind, Role.HEADING)]
    rest = {key: value for key, value in message.items() if key != "type"}
    for key, value in rest.items():
        rows = list(value_lines(value, 10_000, page.body_limit))
        line += [(f"  {printable(str(key))} ", Role.PLAIN), *rows[0]]
    if line_width(line) <= page.width:
        yield line
        return
    yield from ([(part, Role.HEADING)] for part in words(kind, page.width))
    for row in mapping_lines(rest, replace(page, width=page.width - 2)):
        yield [("  ", Role.PLAIN), *row]
