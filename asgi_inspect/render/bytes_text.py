"""A request's bytes for the eye: numbered lines with their ends marked, long bodies folded, binary as hex."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..exchange import Exchange
from ..recording import fold
from ..span import LineIndex, Span, printable, visible
from .layout import Line, Page, Role, cut, size, text_width, words

_HEX_ROWS = (16, 8, 4, 2)


def line_limit(page: Page) -> int:
    """Bytes of one line of a head that are shown; what is longer is folded."""
    return max(page.body_limit, 2048) * 4


def request_lines(exchange: Exchange, data: bytes, index: LineIndex, page: Page, *, marked: bool) -> Iterator[Line]:
    """The head line by line, then the body. `marked` draws under each line what it becomes in the scope."""
    head_end = min(exchange.head.span.end, exchange.span.end)
    # No line behind what is shown is numbered, so none there is counted: the body may be a gigabyte.
    shown_end = min(exchange.span.end, head_end + page.body_limit)
    numbers = len(str(index.position(max(shown_end - 1, 0)).line))
    for span in _lines(data, Span(exchange.span.start, head_end)):
        number = index.position(span.start).line
        shown = Span(span.start, min(span.end, span.start + line_limit(page)))
        yield from _numbered(visible(shown.of(data), page.glyphs.marks), str(number).rjust(numbers), page)
        if shown.end < span.end:
            yield from folded(data, span, shown, page)
        if marked:
            yield from _marks(exchange, span, data, numbers, page)
    body = Span(head_end, exchange.span.end)
    if body.start < body.end:
        yield from body_lines(data, body, page, first_line=index.position(body.start).line, numbers=numbers)


def _lines(data: bytes, span: Span) -> Iterator[Span]:
    position = span.start
    while position < span.end:
        found = data.find(b"\n", position, span.end)
        end = span.end if found < 0 else found + 1
        yield Span(position, end)
        position = end


def body_lines(data: bytes, span: Span, page: Page, *, first_line: int, numbers: int) -> Iterator[Line]:
    """Text as numbered lines, anything else as hex; what is over the limit is told, not shown."""
    shown = Span(span.start, min(span.end, span.start + page.body_limit))
    content = shown.of(data)
    if is_text(content):
        for number, part in enumerate(_lines(data, shown), first_line):
            yield from _numbered(visible(part.of(data), page.glyphs.marks), str(number).rjust(numbers), page)
    else:
        yield from hex_lines(content, page)
    if shown.end < span.end:
        yield from folded(data, span, shown, page)


def folded(data: bytes, span: Span, shown: Span, page: Page) -> Iterator[Line]:
    """What is hidden: how much, and the hash of the whole."""
    hidden = size(span.end - shown.end)
    known = fold(span.of(data)) if span.end - span.start <= 64 * 1024 * 1024 else None
    whole = f", sha256 of all {known.sha256[:16]}" if known else ""
    told = f"{page.glyphs.ellipsis} {hidden} more{whole}; --body-limit shows more"
    yield from ([(line, Role.QUIET)] for line in words(told, page.width))


def is_text(content: bytes) -> bool:
    """Whether bytes read better as text: nearly all of them are, in UTF-8."""
    if not content:
        return True
    sample = content[:4096]
    odd = sum((byte < 32 and byte not in b"\t\r\n\x1b") or byte == 127 for byte in sample)
    text = sample.decode("utf-8", "replace")
    # A character cut at the end of the sample is no sign of binary data.
    return odd * 20 <= len(sample) and text[:-1].count("\ufffd") * 20 <= len(sample)


def hex_lines(content: bytes, page: Page, *, offset: int = 0) -> Iterator[Line]:
    """Offset, bytes in hex, and the ASCII among them."""
    per_row = next((number for number in _HEX_ROWS if number * 4 + 9 <= page.width), _HEX_ROWS[-1])
    for start in range(0, len(content), per_row):
        row = content[start : start + per_row]
        drawn = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        hexes = row.hex(" ").ljust(per_row * 3 - 1)
        yield [(f"{offset + start:06x}  ", Role.QUIET), (hexes, Role.BYTES), (f"  {drawn}", Role.PLAIN)]


def _numbered(text: str, number: str, page: Page) -> Iterator[Line]:
    gutter = f"{number} {page.glyphs.bar} "
    first, *rest = cut(text, page.width - len(gutter))
    yield [(gutter, Role.QUIET), (first, Role.PLAIN)]
    blank = f"{' ' * len(number)} {page.glyphs.bar} "
    for part in rest:
        yield [(blank, Role.QUIET), (part, Role.PLAIN)]


def _marks(exchange: Exchange, line: Span, data: bytes, numbers: int, page: Page) -> Iterator[Line]:
    """One row for each part of the line that the scope holds: carets under it, and the key."""
    gutter = " " * numbers + f" {page.glyphs.bar} "
    for span, key in scope_parts(exchange.provenance):
        if not (line.start <= span.start and span.end <= line.end and span.start < span.end):
            continue
        before = text_width(visible(Span(line.start, span.start).of(data), page.glyphs.marks))
        carets = "^" * text_width(visible(span.of(data), page.glyphs.marks))
        if len(gutter) + before + len(carets) + 1 + len(key) <= page.width:
            yield [(gutter, Role.QUIET), (" " * before, Role.PLAIN), (carets, Role.NOTE), (f" {key}", Role.NOTE)]
        else:
            place = f"bytes {span.start} to {span.end}: {key}"
            yield from ([(gutter, Role.QUIET), (row, Role.NOTE)] for row in words(place, page.width - len(gutter)))


def scope_parts(provenance: dict[str, Any]) -> list[tuple[Span, str]]:
    """Each span with the scope keys that it gives, in wire order."""
    keys: dict[Span, list[str]] = {}
    for key, span in provenance.items():
        if key == "headers":
            for number, (name, value) in enumerate(span):
                for part, which in ((name, 0), (value, 1)):
                    if part is not None:
                        keys.setdefault(part, []).append(f"headers[{number}][{which}]")
        else:
            keys.setdefault(span, []).append(printable(key))
    return [(span, ", ".join(names)) for span, names in sorted(keys.items())]
