"""A request's bytes for a page: lines with their ends, and hex; each part leads to what it becomes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ..exchange import Exchange
from ..findings import Finding
from ..recording import fold
from ..span import LineIndex, Span
from .bytes_text import is_text
from .elements import Markup, element, joined, seen
from .layout import size

MESSAGES_SHOWN = 250  # what more receive() gives is counted
_HEX_SHOWN = 1024
_PER_ROW = 16
_CLASSES = {"method": "method", "path": "path", "query_string": "query", "http_version": "version"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Bytes that become something: `tokens` name what, as the page's script finds it; `kind` is a class."""

    span: Span
    tokens: tuple[str, ...]
    kind: str


@dataclass(slots=True, kw_only=True)
class Pieces:
    """The bytes of one exchange cut wherever a part or a finding begins or ends.

    What was drawn is kept: `linked` gives, for every token, the token that the id of its bytes is made
    of, `lines` are the numbers of the lines.
    """

    exchange: Exchange
    parts: list[Part]
    faults: list[Span]
    linked: dict[str, str] = field(default_factory=dict)
    lines: set[int] = field(default_factory=set)

    def cut(self, span: Span) -> Iterator[tuple[Span, Part | None, bool]]:
        """Stretches of `span`, each with its part, and whether a finding points at it."""
        parts = self.parts[max(0, bisect_right(self.parts, span.start, key=lambda part: part.span.start) - 1) :]
        near = [part for part in parts[: span.end - span.start + 2] if part.span.start < span.end]
        near = [part for part in near if part.span.end > span.start]
        faults = [fault for fault in self.faults if fault.start < span.end and fault.end > span.start]
        edges = {span.start, span.end}
        for one in (*(part.span for part in near), *faults):
            edges |= {edge for edge in one if span.start < edge < span.end}
        ordered = sorted(edges)
        for start, end in pairwise(ordered):
            part = next((part for part in near if part.span.start <= start < part.span.end), None)
            yield Span(start, end), part, any(fault.start <= start < fault.end for fault in faults)


def parts_of(exchange: Exchange) -> list[Part]:
    """What stands in the scope, the framing of the body, and what each message carries; in wire order."""
    tokens: dict[Span, list[str]] = {}
    kinds: dict[Span, str] = {}
    for key, span in exchange.provenance.items():
        if key != "headers":
            tokens.setdefault(span, []).append(key)
            kinds.setdefault(span, _CLASSES.get(key, "path"))
            continue
        for number, pair in enumerate(span):
            for one, (letter, kind) in zip(pair, (("n", "name"), ("v", "value")), strict=True):
                if one is not None:
                    tokens.setdefault(one, []).append(f"h{number}{letter}")
                    kinds.setdefault(one, kind)
    given = [span for span in tokens if span.start < span.end]  # an empty value has no byte to point at
    parts = [Part(span=span, tokens=tuple(tokens[span]), kind=kinds[span]) for span in given]
    return sorted((*parts, *_body_parts(exchange)), key=lambda part: part.span)


def _body_parts(exchange: Exchange) -> Iterator[Part]:
    """The content cut where one message ends and the next begins; between chunks, their framing."""
    end = exchange.body.end if exchange.websocket is None else None
    if exchange.request is None or end is None or exchange.scope is None:
        return
    lengths = [len(message.get("body", b"")) for message in exchange.receive if message.get("type") == "http.request"]
    number, left, position = 1, (lengths or [0])[0], exchange.head.span.end
    for content in _content(exchange.data, exchange.head.span.end, end, exchange.content_length):
        if content.start > position:
            yield Part(span=Span(position, content.start), tokens=("framing",), kind="framing")
        start = position = content.start
        while start < content.end and number <= min(len(lengths), MESSAGES_SHOWN):
            stop = min(content.end, start + left)
            if stop > start:
                yield Part(span=Span(start, stop), tokens=(f"m{number}",), kind="body")
            left, start = left - (stop - start), stop
            if left == 0:
                number += 1
                left = lengths[number - 1] if number <= len(lengths) else 0
        position = content.end
    trailers = exchange.body.trailers
    tail = min((trailer.name.start for trailer in trailers), default=end)
    if position < tail:
        yield Part(span=Span(position, tail), tokens=("framing",), kind="framing")


def _content(data: bytes, start: int, end: int, length: int) -> Iterator[Span]:
    """The spans of the content: one, or one for each chunk; the sizes have been checked."""
    if end - start == length:
        yield Span(start, end)
        return
    while start < end:
        line_end = data.find(b"\r\n", start, end)
        digits = data[start:line_end].partition(b";")[0].strip()
        if not digits.strip(b"0"):
            return
        stop = line_end + 2 + int(digits, 16)
        yield Span(line_end + 2, stop)
        start = stop + 2


def bytes_html(
    exchange: Exchange, findings: Sequence[tuple[str, Finding]], index: LineIndex, limit: int
) -> tuple[Markup, Pieces]:
    """Both views of the bytes, and the pieces that were drawn.

    `findings` come with their ids; `limit` is how many bytes of the body are shown.
    """
    prefix = f"x{exchange.number}"
    spans = [finding.span for _, finding in findings if finding.span is not None]
    faults = [span if span.end > span.start else Span(span.start, span.start + 1) for span in spans]
    pieces = Pieces(exchange=exchange, parts=parts_of(exchange), faults=faults)
    head_end = min(exchange.head.span.end, exchange.span.end)
    shown = Span(exchange.span.start, min(exchange.span.end, head_end + limit))
    lines = list(_lines(exchange, pieces, findings, index, Span(shown.start, head_end), Span(head_end, shown.end)))
    more = _more(exchange, Span(head_end, exchange.span.end), shown.end)
    hexed = Span(shown.start, min(shown.end, shown.start + _HEX_SHOWN))
    rest = exchange.span.end - hexed.end
    hex_more = element("p", f"… {size(rest)} more", class_="more") if rest else None
    shown_twice = joined(
        element("div", *lines, class_="bytes", id=f"{prefix}-bytes"),
        more,
        element(
            "details",
            element("summary", "The same bytes in hex"),
            element("div", *_hex(pieces, hexed), class_="hex"),
            hex_more,
            open=not pieces.lines,
        ),
    )
    return shown_twice, pieces


def _lines(
    exchange: Exchange,
    pieces: Pieces,
    findings: Sequence[tuple[str, Finding]],
    index: LineIndex,
    head: Span,
    body: Span,
) -> Iterator[Markup]:
    """Numbered lines of the head and of a body that is text; any other body is told to be in hex."""
    data, position = exchange.data, head.start
    text = is_text(body.of(data))
    end = body.end if text else head.end
    while position < end:
        found = data.find(b"\n", position, end)
        span = Span(position, end if found < 0 else found + 1)
        number = index.position(position).line
        pieces.lines.add(number)
        code = joined(*(_piece(exchange, pieces, *one) for one in pieces.cut(span)))
        hints = [_hint(id, one) for id, one in findings if one.span and span.start <= one.span.start < span.end]
        numbered = (element("span", f"{number}", class_="no"), element("code", code))
        yield element("div", *numbered, *hints, class_="line", id=f"x{exchange.number}-l{number}")
        position = span.end
    if not text:
        yield element("p", f"{size(body.end - body.start)}, binary: see the hex.", class_="more")


def _hint(id: str, finding: Finding) -> Markup:
    said = finding.label or finding.message
    return element("a", f"{finding.severity}: {said}", class_=f"hint {finding.severity}", href=f"#{id}")


def _piece(exchange: Exchange, pieces: Pieces, span: Span, part: Part | None, fault: bool) -> Markup:
    """A stretch of bytes; a part is a link to its counterpart, and the first stretch of it is its own target."""
    text = seen(span.of(exchange.data))
    marked = " fault" if fault else ""
    if part is None:
        return element("span", text, class_=f"plain{marked}")
    token, prefix = part.tokens[0], f"x{exchange.number}"
    first = token not in pieces.linked
    pieces.linked |= dict.fromkeys(part.tokens, token)
    return element(
        "a",
        text,
        class_=f"p {part.kind}{marked}",
        href=f"#{prefix}-k-{token}",
        id=f"{prefix}-b-{token}" if first else None,
        data_k=" ".join(part.tokens),
        aria_describedby=f"{prefix}-why-{row_of(token)}",
    )


def row_of(token: str) -> str:
    """The row of the scope that a token belongs to: both parts of a header share one."""
    return token[:-1] if token[0] == "h" and token[1].isdigit() else token


def _hex(pieces: Pieces, span: Span) -> Iterator[Markup]:
    """Offset, bytes, and the ASCII among them; the pointer lights up parts here too."""
    data = pieces.exchange.data
    for start in range(span.start, span.end, _PER_ROW):
        row = Span(start, min(start + _PER_ROW, span.end))
        hexes: list[str | None] = []
        texts: list[str | None] = []
        for piece, part, fault in pieces.cut(row):
            given = piece.of(data)
            kind = f"{part.kind if part else 'plain'}{' fault' if fault else ''}"
            keys = " ".join(part.tokens) if part else None
            hexes += [element("span", given.hex(" "), class_=kind, data_k=keys), " "]
            drawn = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in given)
            texts.append(element("span", drawn, class_=kind, data_k=keys))
        cells = (
            element("span", f"{start:06x}", class_="no"),
            element("code", *hexes, class_="cells"),
            element("code", *texts),
        )
        yield element("div", *cells, class_="hexrow")


def _more(exchange: Exchange, body: Span, shown: int) -> Markup | None:
    hidden = body.end - shown
    if hidden <= 0:
        return None
    known = f", sha256 of all {fold(body.of(exchange.data)).sha256[:16]}" if body.end - body.start <= 1 << 26 else ""
    return element("p", f"… {size(hidden)} more of the body{known}; --body-limit shows more", class_="more")
