"""What the two parsers make of one request, beside each other: what is equal once, what differs twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..asgi import HTTP_SCOPE
from ..exchange import Exchange, Verdict
from ..inspection import Inspection
from ..span import printable
from .layout import Line, Page, Role, value_lines, words
from .scope_text import in_reading_order, mapping_lines

_NAME = 11


def both_lines(exchange: Exchange, other: Exchange | None, inspection: Inspection, page: Page) -> Iterator[Line]:
    """Verdicts first, then the scope keys in which they differ, then the messages where those do."""
    assert inspection.other is not None
    names = (inspection.server.parser, inspection.other.server.parser)
    for name, one in zip(names, (exchange, other), strict=True):
        yield from _verdict(name, one, page)
    if other is None:
        return
    if exchange.scope is None or other.scope is None:
        if other.scope is not None:
            yield from ([(line, Role.LABEL)] for line in words(f"the scope with {names[1]}", page.width))
            for line in mapping_lines(in_reading_order(other.scope), replace(page, width=page.width - 2)):
                yield [("  ", Role.PLAIN), *line]
        return
    mine, theirs = exchange.scope, other.scope
    differing = [key for key in HTTP_SCOPE if mine.get(key) != theirs.get(key) and key != "state"]
    if not differing:
        yield from ([(line, Role.GOOD)] for line in words("the scopes are equal, key by key", page.width))
    for key in differing:
        yield [(key, Role.LABEL)]
        for name, scope in zip(names, (mine, theirs), strict=True):
            yield from _value(name, scope.get(key), page)
    if exchange.receive != other.receive and not exchange.send:
        yield [("receive", Role.LABEL)]
        for name, one in zip(names, (exchange, other), strict=True):
            yield from _value(name, [dict(message) for message in one.receive], page)


def _verdict(name: str, exchange: Exchange | None, page: Page) -> Iterator[Line]:
    if exchange is None:
        told = "does not see a request here"
    else:
        called = ", after the application was called" if exchange.scope is not None else ""
        words_of = f': "{printable(exchange.words)}"' if exchange.words else ""
        told = f"{exchange.verdict}{called if exchange.verdict is Verdict.REJECTED else ''}{words_of}"
    role = Role.GOOD if exchange is not None and exchange.verdict is Verdict.ACCEPTED else Role.ERROR
    first, *rest = words(told, page.width - _NAME)
    yield [(name.ljust(_NAME), Role.LABEL), (first, role)]
    for line in rest:
        yield [(" " * _NAME, Role.PLAIN), (line, role)]


def _value(name: str, value: object, page: Page) -> Iterator[Line]:
    for number, line in enumerate(value_lines(value, page.width - _NAME - 2, page.body_limit)):
        yield [(f"  {name if number == 0 else '':{_NAME}}", Role.QUIET), *line]
