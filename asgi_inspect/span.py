"""Point at bytes, and put captured bytes on a screen safely.

A span is a half-open range of offsets into one connection's bytes. Captured
bytes and an application's output reach a terminal only through `printable`,
`literal` or `visible`: what a terminal would act on (ESC, other control
characters, bidirectional overrides, zero-width characters) leaves as an escape.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Span(NamedTuple):
    """Bytes `start` up to, not including, `end`, counted from 0."""

    start: int
    end: int

    def of(self, data: bytes) -> bytes:
        """The bytes themselves."""
        return data[self.start : self.end]


class Position(NamedTuple):
    """A place as an editor counts it: both numbers from 1, the column in bytes."""

    line: int
    column: int


class LineIndex:
    """Finds the line of an offset; a line ends with its LF.

    It counts on from the last place asked for, so that asking in order reads the bytes once, and
    keeps nothing: a body of a gigabyte costs no memory.
    """

    _STEP = 1 << 20

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._counted = 0  # LFs before this offset
        self._lines = 0  # … are this many

    def position(self, offset: int) -> Position:
        """Where `offset` stands; an offset behind a final LF belongs to the line that it ends."""
        start = self.line_span(offset).start
        if start < self._counted:
            self._counted = self._lines = 0
        while self._counted < start:
            step = self._data[self._counted : min(start, self._counted + self._STEP)]
            self._lines += step.count(b"\n")
            self._counted += len(step)
        return Position(self._lines + 1, offset - start + 1)

    def line_span(self, offset: int) -> Span:
        """The bytes of the line that `offset` stands in, its LF included."""
        offset = min(offset, max(len(self._data) - 1, 0))
        start = self._data.rfind(b"\n", 0, offset) + 1
        end = self._data.find(b"\n", offset) + 1
        return Span(start, end or len(self._data))


# Everything a terminal or a bidirectional renderer acts on instead of drawing it:
# C0, DEL, C1, soft hyphen, zero-width and bidi marks, line and paragraph separators,
# interlinear marks, marks that reach over the characters behind them (U+0600, hieroglyphs),
# variation selectors, tags, private use, surrogates, noncharacters.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\ue000-\uf8ff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def printable(text: str) -> str:
    """`text` with every character that is not safely drawn written as an escape."""
    return _UNSAFE.sub(_escape, text)


def literal(value: object) -> str:
    """`value` as a Python literal that is safe to print and reads back as the same value.

    repr() already escapes what Python calls unprintable; what it lets through but a terminal
    treats specially (variation selectors, fillers) is escaped here. Inside a string literal an
    escape reads back as the character.
    """
    return _UNSAFE.sub(_escape, repr(value))


class Marks(NamedTuple):
    """How bytes that cannot be seen are drawn where bytes are shown as bytes."""

    carriage_return: str
    line_feed: str
    escape: str
    tab: str


SYMBOLS = Marks("␍", "␊", "␛", "␉")
ESCAPES = Marks("\\r", "\\n", "\\x1b", "\\t")


def visible(data: bytes, marks: Marks = ESCAPES) -> str:
    """`data` for the eye: text where it is UTF-8 text, marks and `\\xNN` for the rest."""
    drawn = {"\r": marks.carriage_return, "\n": marks.line_feed, "\x1b": marks.escape, "\t": marks.tab}
    # No UTF-8 decodes to a surrogate, so that each of those stands for one broken byte.
    text = data.decode("utf-8", "surrogateescape")
    return _UNSAFE.sub(lambda match: drawn.get(match.group()) or _byte_or_character(match), text)


def _byte_or_character(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    # U+009B is two bytes; as one `\x9b` it would pass for the byte alone.
    return f"\\xc2\\x{code:02x}" if 0x80 <= code <= 0xBF else _escape(match)
