"""The byte at which a parser refuses, found with a second parser: the real run keeps its reads.

llhttp stops on the very byte when it is fed bytes one by one. h11 looks at lines once the head is
complete, so what can be found is the line that its words quote.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from ..span import Span

_BLOCK = 4096
_QUOTE = re.compile(r"bytearray\((b'.*?'|b\".*?\")\)|(?<=: )(b'.*'|b\".*\")\Z", re.DOTALL)


def fault_offset(parser: str, data: bytes, start: int) -> int | None:
    """Where `parser`, reading from `start`, refuses `data`; None where it does not, or where that cannot be told.

    For httptools that is the exact byte, for h11 the beginning of the line it quotes.
    """
    return httptools_offset(data, start) if parser == "httptools" else _h11_offset(data, start)


def httptools_offset(data: bytes, start: int) -> int | None:
    """Feed blocks until one is refused, then that block again byte by byte: linear in the bytes read."""
    import httptools

    parser = _Callbacks().parser
    for block in range(start, len(data), _BLOCK):
        try:
            parser.feed_data(data[block : block + _BLOCK])
        except httptools.HttpParserUpgrade:
            return None  # what follows is read with another parser, or not at all
        except httptools.HttpParserError:
            return _exact_offset(data, start, block)
    return None


def _exact_offset(data: bytes, start: int, block: int) -> int | None:
    import httptools

    parser = _Callbacks().parser
    try:
        for position in range(start, block, _BLOCK):
            parser.feed_data(data[position : position + _BLOCK])
        for position in range(block, min(block + _BLOCK, len(data))):
            parser.feed_data(data[position : position + 1])
    except httptools.HttpParserError:
        return position
    return None


class _Callbacks:
    """uvicorn's callbacks as far as they can refuse: the target is parsed when the head is complete."""

    def __init__(self) -> None:
        import httptools

        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._parse_url = httptools.parse_url
        self._target = b""

    def on_message_begin(self) -> None:
        self._target = b""

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_headers_complete(self) -> None:
        self.parser.get_method().decode("ascii")
        self._parse_url(self._target).path.decode("ascii")


def _h11_offset(data: bytes, start: int) -> int | None:
    import h11

    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data[start:])
    try:
        while connection.next_event() not in (h11.NEED_DATA, h11.PAUSED):
            pass
    except h11.RemoteProtocolError as error:
        words = str(error)
    else:
        return None
    quote = quoted(words)
    if quote is None or words.startswith("illegal request line"):
        return start
    taken = len(data) - len(connection.trailing_data[0])  # h11 takes a head, or a chunk's line, off before it looks
    found = data.rfind(quote, start, taken)
    return start if found < 0 else found


def quoted(words: str) -> bytes | None:
    """The bytes that a parser's words quote first."""
    match = _QUOTE.search(words)
    if match is None:
        return None
    try:
        value = ast.literal_eval(match[1] or match[2])
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, bytes) else None


def unfolded(data: bytes, lines: Iterable[Span], quote: bytes | None) -> Span | None:
    """The lines that h11 quotes as one: a line that begins with white space continues the one before."""
    if quote is None:
        return None
    spans: list[Span] = []
    values: list[bytearray] = []
    for line in lines:
        text = data[line.start : _line_feed(data, line)].removesuffix(b"\r")
        if values and text[:1] in (b" ", b"\t"):
            values[-1] += b" " + text.lstrip(b" \t")
            spans[-1] = Span(spans[-1].start, _line_feed(data, line) + 1)
        else:
            values.append(bytearray(text))
            spans.append(Span(line.start, _line_feed(data, line) + 1))
    return next((span for span, value in zip(spans, values, strict=True) if value == quote), None)


def _line_feed(data: bytes, line: Span) -> int:
    found = data.find(b"\n", line.end)
    return len(data) if found < 0 else found
