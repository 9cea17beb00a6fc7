"""Field blocks (RFC 7541): read with hpack, written as zttp writes them: literals, no table, no Huffman code."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hpack import Decoder
from hpack.exceptions import HPACKError, OversizedHeaderListError
from hpack.table import HeaderTable

from ..http2 import Fields
from ..span import Span

TABLE_SIZE = 4096
MAX_LIST_SIZE = 65536
_MOST_OCTETS = 10  # of one integer; a longer one is no number that anything could mean
_ADDRESS = re.compile(r": <memory at 0x[0-9a-fA-F]+>")  # of a view that hpack has of the block
_STATIC_NAMES = {name: index for index, (name, _) in reversed(list(enumerate(HeaderTable.STATIC_TABLE, 1)))}


class BrokenBlock(Exception):
    """A block that HPACK cannot read: COMPRESSION_ERROR. `offset` is where in the block, as far as that is known."""

    def __init__(self, words: str, offset: int) -> None:
        super().__init__(words)
        self.offset = offset


class LongList(Exception):
    """More than MAX_LIST_SIZE octets of fields, names and values and 32 for each."""


@dataclass(slots=True)
class FieldBlocks:
    """The reading side of one connection: its dynamic table."""

    _decoder: Decoder | None = None

    def read(self, block: bytes) -> tuple[Fields, tuple[Span, ...]]:
        """The fields, and where in the block each stands. Raises BrokenBlock or LongList."""
        spans = field_spans(block)
        if self._decoder is None:
            self._decoder = Decoder(max_header_list_size=MAX_LIST_SIZE)
            self._decoder.max_allowed_table_size = TABLE_SIZE
        try:
            decoded = self._decoder.decode(block, raw=True)
        except OversizedHeaderListError as error:
            raise LongList(str(error)) from None
        except HPACKError as error:
            raise BrokenBlock(_ADDRESS.sub("", str(error)), 0) from None
        return tuple((bytes(name), bytes(value)) for name, value in decoded), spans


def field_spans(block: bytes) -> tuple[Span, ...]:
    """Where each field representation stands (RFC 7541 §6). Raises BrokenBlock where one is cut."""
    spans: list[Span] = []
    position = 0
    while position < len(block):
        first, start = block[position], position
        if first & 0x80:
            _, position = _integer(block, position, 7)
        elif first & 0x40 or not first & 0x20:
            name, position = _integer(block, position, 6 if first & 0x40 else 4)
            for _ in range(1 if name else 2):
                length, position = _integer(block, position, 7)
                if length > len(block) - position:
                    raise BrokenBlock("a string reaches beyond the block", start)
                position += length
        else:
            if spans:
                raise BrokenBlock("the table's size changes behind a field", start)
            _, position = _integer(block, position, 5)
            continue
        spans.append(Span(start, position))
    return tuple(spans)


def _integer(block: bytes, position: int, prefix: int) -> tuple[int, int]:
    """An integer (RFC 7541 §5.1), and the offset behind it."""
    if position >= len(block):
        raise BrokenBlock("the block ends inside a field", position)
    most = (1 << prefix) - 1
    value = block[position] & most
    if value < most:
        return value, position + 1
    for octets in range(_MOST_OCTETS):
        at = position + 1 + octets
        if at >= len(block):
            raise BrokenBlock("the block ends inside a number", position)
        value += (block[at] & 0x7F) << (7 * octets)
        if not block[at] & 0x80:
            return value, at + 1
    raise BrokenBlock("a number of more than ten octets", position)


def field_block(fields: Fields) -> bytes:
    """`fields` as literals without indexing (RFC 7541 §6.2.2), names of the static table by their index."""
    block = bytearray()
    for name, value in fields:
        index = _STATIC_NAMES.get(name, 0)
        block += _number(index, 4)
        if not index:
            block += _number(len(name), 7) + name
        block += _number(len(value), 7) + value
    return bytes(block)


def _number(value: int, prefix: int) -> bytes:
    most = (1 << prefix) - 1
    if value < most:
        return bytes((value,))
    octets = bytearray((most,))
    value -= most
    while value >= 0x80:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    octets.append(value)
    return bytes(octets)


def written_fields(block: bytes) -> Fields:
    """What `field_block` made the block of."""
    return tuple(
        (bytes(name), bytes(value)) for name, value in Decoder(max_header_list_size=2**31).decode(block, raw=True)
    )
