"""The ways in which `hexdump`, `xxd` and `od` print a row: its form, and what its fields stand for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

OFFSET: Final = rb"[0-9a-fA-F]{6,16}"


class Style(NamedTuple):
    """One way to print rows: the row's form (offset, fields, text) and what the fields stand for."""

    name: str
    why: str
    row: re.Pattern[bytes]
    decode: Callable[[bytes], bytes]
    slack: int = 0  # how many bytes the last row may show too many


def _pairs(fields: bytes) -> bytes:
    return bytes.fromhex(fields.decode("ascii"))


def _words(fields: bytes) -> bytes:
    return b"".join(bytes.fromhex(word.decode("ascii"))[::-1] for word in fields.split())


def _bytes_in(base: int) -> Callable[[bytes], bytes]:
    return lambda fields: bytes(int(number, base) for number in fields.split())


def _signed(fields: bytes) -> bytes:
    return bytes(int(number) & 0xFF for number in fields.split())


def _words_in(base: int) -> Callable[[bytes], bytes]:
    return lambda fields: b"".join(int(number, base).to_bytes(2, "little") for number in fields.split())


_NAMED: Final = {b"\\0": 0, b"\\a": 7, b"\\b": 8, b"\\t": 9, b"\\n": 10, b"\\v": 11, b"\\f": 12, b"\\r": 13}


def _characters(fields: bytes) -> bytes:
    """`od -c`: four columns for each byte; itself, an escape, or three octal digits."""
    columns = [fields[start : start + 4].strip(b" ") for start in range(0, len(fields), 4)]
    return bytes(_character(text) for text in columns)


def _character(text: bytes) -> int:
    if len(text) < 2:
        return text[0] if text else 0x20
    return _NAMED[text] if text in _NAMED else int(text, 8)


def _row(fields: bytes, text: bytes = rb"()") -> re.Pattern[bytes]:
    return re.compile(rb"(" + OFFSET + rb")(" + fields + rb") *" + text + rb"\r?(?:\n|$)")


def _after_colon(decode: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda fields: decode(fields[1:])


_TEXT = rb"([^\n]*)"
_CHARACTER = rb"(?: {3}[!-~]| {2}\\[0abtnvfr]| [0-3][0-7]{2}| {4}){1,64}"
# Every form differs in the width of its fields, so the first row that fits decides.
STYLES: Final = (
    Style("hexdump-C", "offset, pairs, |text|", _row(rb" {2}(?:[0-9a-f]{2} {1,2}){1,16}", rb"\|([^\n]*)\|"), _pairs),
    Style("xxd", "offset, colon, hex", _row(rb":(?: [0-9a-fA-F]{2,32})+(?=  )", _TEXT), _after_colon(_pairs)),
    Style("xxd", "offset, colon, words", _row(rb":(?: +[0-9a-f]{2,16})+(?=  )", _TEXT), _after_colon(_words)),
    Style("xxd", "offset, colon, bits", _row(rb":(?: [01]{8})+", _TEXT), _after_colon(_bytes_in(2))),
    Style("od", "offset, octal bytes", _row(rb"(?: [0-3][0-7]{2}){1,64}"), _bytes_in(8)),
    Style("od", "offset, decimal bytes", _row(rb"(?: {3}\d| {2}\d\d| [12]\d\d){1,64}"), _bytes_in(10)),
    Style(
        "od", "offset, signed bytes", _row(rb"(?: {4}\d| {3}\d\d| {2}1\d\d| {3}-\d| {2}-\d\d| -1\d\d){1,64}"), _signed
    ),
    Style("od", "offset, pairs", _row(rb"(?: {1,2}[0-9a-f]{2}){1,64}", rb"(?:>[^\n]*<)?"), _pairs),
    Style("od", "offset, words", _row(rb"(?: {1,5}[0-9a-f]{4}){1,32}"), _words, 1),
    Style("od", "offset, decimal words", _row(rb"(?: {1,5}[0-9]{5}){1,32}"), _words_in(10), 1),
    Style("od", "offset, octal words", _row(rb"(?: {1,3}[01][0-7]{5}){1,32}"), _words_in(8), 1),
    Style("od", "offset, words of four bytes", _row(rb"(?: {1,5}[0-9a-f]{8}){1,16}"), _words, 3),
    Style(
        "od",
        "offset, characters",
        re.compile(rb"(" + OFFSET + rb")(" + _CHARACTER + rb")()\r?(?:\n|$)"),
        _characters,
        15,
    ),
)
