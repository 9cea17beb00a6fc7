"""Hex and octal dumps with offsets: `hexdump`, `xxd` and `od` in their usual forms.

The offsets are counted along, so a lost row is noticed, a `*` is filled, and the radix of the
offsets (hexadecimal, octal, decimal) is found rather than assumed. Words are little-endian, as on
the machines that print them; the last offset tells whether the last word was half a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ..findings import Finding, Severity
from .capture import Capture, CaptureError, ClientConnection, Fidelity
from .dump_styles import OFFSET, STYLES, Style
from .refusal import refuse, response_only

_AGAIN: Final = "Dump it again with: xxd FILE, or hexdump -C FILE"
_COMMAND = re.compile(rb"[^\n]{0,200}\b(?:hexdump|xxd|od|hd)\b[^\n]*")
_LAST = re.compile(rb"(" + OFFSET + rb")[ \t]*\r?(?:\n|$)")
_STAR = re.compile(rb"\*[ \t]*\r?(?:\n|$)")
_SHOWN = bytes(code if 0x20 <= code < 0x7F else 0x2E for code in range(256))


def _style(data: bytes, position: int) -> Style | None:
    """The style whose row stands at `position`, its offset 0 and its text column, if any, true."""
    for style in STYLES:
        row = style.row.match(data, position)
        if row and int(row[1], 16) == 0 and _is_true(style, row):
            return style
    return None


def _is_true(style: Style, row: re.Match[bytes]) -> bool:
    try:
        found = style.decode(row[2])
    except (ValueError, OverflowError):
        return False
    return style.name != "xxd" or found.translate(_SHOWN) == row[3].rstrip(b"\r")[: len(found)]


def _first_row(data: bytes) -> int:
    """Where the rows begin: at once, or after a line that shows the command."""
    position = len(data) - len(data.lstrip(b"\r\n"))
    command = _COMMAND.match(data, position, position + 400)
    if command and not any(style.row.match(data, position) for style in STYLES):
        return min(command.end() + 1, len(data))
    return position


def _recognise(head: bytes, name: str) -> str | None:
    position = _first_row(head)
    style = _style(head, position)
    return f"its rows are: {style.why}" if style and _is_dump(head, position, style, name) else None


def _is_dump(head: bytes, position: int, style: Style, name: str) -> bool:
    """Whether there are two rows, or one and what ends a dump, and the offsets are those of `name`."""
    enough = len(_few_rows(head, position, style)) > 1 or _ends_well(head, position, style)
    return enough and _name(head, position, style) == name


def _few_rows(head: bytes, position: int, style: Style) -> list[re.Match[bytes]]:
    rows: list[re.Match[bytes]] = []
    while len(rows) < 3 and (row := style.row.match(head, position)):
        rows.append(row)
        position = row.end()
    return rows


def _ends_well(head: bytes, position: int, style: Style) -> bool:
    """Whether a single row is a whole dump: xxd's is, others print a last offset."""
    row = style.row.match(head, position)
    return row is not None and (style.name == "xxd" or _LAST.match(head, row.end()) is not None)


def _name(head: bytes, position: int, style: Style) -> str:
    """`hexdump` and `od` print the same fields; hexdump counts in hexadecimal, od in octal or decimal."""
    rows = _few_rows(head, position, style)
    if style.name != "od" or len(rows[0][1]) != 7:
        return style.name
    last = _LAST.match(head, rows[0].end())
    before, after = (rows[-2][1], rows[-1][1]) if len(rows) > 1 else (b"0", last[1] if last else b"0")
    length = len(style.decode(rows[0][2]))
    step = (_value(after, 16) or 0) - (_value(before, 16) or 0)
    return "hexdump" if length - style.slack <= step <= length else "od"


def recogniser(name: str) -> Callable[[bytes], str | None]:
    """The `recognise` of the format `name`."""
    return lambda head: _recognise(head, name)


def reader(name: str) -> Callable[[bytes, str], Capture]:
    """The `read` of the format `name`."""
    return lambda data, source: _read(data, source, name)


@dataclass(slots=True)
class _Dump:
    """The bytes so far, and the radices in which every offset so far was right."""

    source: str
    data: bytes
    style: Style
    held: bytearray = field(default_factory=bytearray)
    row: bytes = b""
    starred: bool = False
    ended: bool = False
    radices: tuple[int, ...] = (16,)
    width: int = 0  # of the first row, in bytes
    digits: int = 7  # of its offset

    def offset(self, token: bytes, position: int) -> None:
        """An offset: it must be what has been counted, after a `*` anything further."""
        if self.starred:
            self._repeat(token, position)
        fitting = tuple(radix for radix in self.radices if _value(token, radix) == len(self.held))
        if not fitting:
            what = f"{len(self.held)} bytes stand before this row, its offset says otherwise"
            raise refuse(self.source, self.data, position, what, _AGAIN)
        self.radices = fitting

    def _repeat(self, token: bytes, position: int) -> None:
        radix = self.radices[0]
        missing = (_value(token, radix) or 0) - len(self.held)
        if missing < 0 or missing > 1 << 27 or not self.row:
            raise refuse(
                self.source, self.data, position, "the offset after * does not go on from the rows before", _AGAIN
            )
        whole, rest = divmod(missing, len(self.row))
        self.held += self.row * whole + self.row[:rest]
        self.starred = False

    def last(self, token: bytes, position: int) -> None:
        """The offset without a row that ends the dump; it may cut what the last row shows too much."""
        if not self.starred:
            for radix in self.radices:
                length = _value(token, radix)
                if length is not None and 0 < len(self.held) - length <= self.style.slack:
                    del self.held[length:]
        self.offset(token, position)
        whole = len(self.row) == self.width and len(self.held) % self.width == 0
        self.ended = not whole or self.data.find(b"\n", position) >= 0  # else a row may have been cut off here


def _value(token: bytes, radix: int) -> int | None:
    try:
        return int(token, radix)
    except ValueError:
        return None


def _read(data: bytes, source: str, name: str) -> Capture:
    position = _first_row(data)
    style = _style(data, position)
    if style is None or not _is_dump(data, position, style, name):
        raise refuse(source, data, position, f"expected the rows of {name}, the first with offset 0", _AGAIN)
    first = _few_rows(data, position, style)[0][1]
    radices = (8, 10) if name == "od" and len(first) == 7 else (16,)
    dump = _Dump(source, data, style, radices=radices, digits=len(first))
    while position < len(data) and not dump.ended:
        position = _line(dump, position)
    return _capture(dump, name)


def _line(dump: _Dump, position: int) -> int:
    """Reads one line; where the next begins."""
    if row := dump.style.row.match(dump.data, position):
        dump.offset(row[1], position)
        try:
            dump.row = dump.style.decode(row[2])
        except (ValueError, OverflowError) as error:
            raise refuse(dump.source, dump.data, position, f"the row cannot be read ({error})", _AGAIN) from error
        dump.held += dump.row
        dump.width = dump.width or len(dump.row)
        return row.end()
    if star := _STAR.match(dump.data, position):
        dump.starred = True
        return star.end()
    last = _LAST.match(dump.data, position)
    if last and len(last[1]) == dump.digits:
        dump.last(last[1], position)
        return last.end()
    rest = dump.data[position : position + 200].split(b"\n")[0].strip()
    if rest and not rest.endswith((b"$", b"#", b"%", b">", b"```")):
        raise refuse(dump.source, dump.data, position, f"expected another row of {dump.style.name}", _AGAIN)
    end = dump.data.find(b"\n", position)
    return len(dump.data) if end < 0 else end + 1


def _capture(dump: _Dump, name: str) -> Capture:
    held = bytes(dump.held)
    if dump.starred:
        raise CaptureError(f"{dump.source}: the dump ends in *, so how many rows repeat is unknown. {_AGAIN}")
    if held.startswith(b"HTTP/"):
        raise response_only(dump.source)
    cut = name != "xxd" and not dump.ended
    return Capture(
        source=dump.source,
        format=name,
        fidelity=Fidelity.REPAIRED if cut else Fidelity.EXACT,
        connections=(ClientConnection(number=1, data=held),),
        findings=(_unended(name, len(held)),) if cut else (),
    )


def _unended(name: str, length: int) -> Finding:
    return Finding(
        rule="dump-end-missing",
        severity=Severity.WARNING,
        message=f"The last offset, which ends every {name} dump, is missing: rows after byte {length} may be lost.",
        help=_AGAIN + ".",
    )
