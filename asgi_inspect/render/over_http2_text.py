"""A request of HTTP/1 beside itself over HTTP/2: its fields, which keys of the scope change, and why."""

from __future__ import annotations

from collections.abc import Iterator

from ..exchange import Exchange
from ..http2 import ScopeChange
from ..span import printable, visible
from .layout import Line, Page, Role, value_lines, words
from .scope_text import header_lines

_NAME = 9


def over_http2_lines(exchange: Exchange, page: Page) -> Iterator[Line]:
    """Nothing where it was not asked for."""
    over = exchange.over_http2
    if over is None:
        return
    if over.fields:
        yield from _quiet("the same request over HTTP/2, as uvicorn --http zttp --http2 reads it", page)
        for name, value in over.fields:
            for number, line in enumerate(words(f"{visible(name)}: {visible(value)}", page.width - 2)):
                yield [(("  " if number else "") + line, Role.PLAIN)]
    for name, why in over.dropped:
        yield from ([(line, Role.WARNING)] for line in words(f"without {visible(name)}: {why}", page.width))
    if over.words:
        yield from ([(line, Role.ERROR)] for line in words(printable(over.words), page.width))
    for change in over.changes:
        yield from _change(change, page)
    if over.scope is not None:
        yield from _quiet("all other keys of the scope are equal", page)
    for note in over.notes:
        yield from ([(line, Role.WARNING)] for line in words(note, page.width))


def _change(change: ScopeChange, page: Page) -> Iterator[Line]:
    yield [(change.key, Role.LABEL)]
    for name, value in (("HTTP/1", change.before), ("HTTP/2", change.after)):
        for number, row in enumerate(_value(change.key, value, page)):
            yield [(f"  {name if number == 0 else '':{_NAME}}", Role.QUIET), *row]
    for text in words(change.why, page.width - 2):
        yield [("  " + text, Role.QUIET)]


def _value(key: str, value: object, page: Page) -> Iterator[Line]:
    width = page.width - _NAME - 2
    if value is None:
        yield [("not there", Role.QUIET)]
    elif key == "headers":
        yield from header_lines(value, width, max(page.body_limit, 2048))
    else:
        yield from value_lines(value, width, page.body_limit)


def _quiet(text: str, page: Page) -> Iterator[Line]:
    return ([(line, Role.QUIET)] for line in words(text, page.width))
