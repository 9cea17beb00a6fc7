"""Places in bytes, and characters that must not reach a terminal as they are."""

from __future__ import annotations

import ast
import re
import sys
import time
import unicodedata
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgi_inspect.span import ESCAPES, SYMBOLS, LineIndex, Position, Span, literal, printable, visible

# Format characters that are drawn (signs in front of Arabic and other numbers, hieroglyph quadrats), so they stay.
DRAWN_FORMATS = {
    *range(0x600, 0x606),
    *(0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD),
    *range(0x13430, 0x13440),
}


def test_a_span_gives_its_bytes() -> None:
    assert Span(2, 4).of(b"abcdef") == b"cd"
    assert Span(4, 4).of(b"abcdef") == b""


@pytest.mark.parametrize(
    ("data", "places"),
    [
        (b"", {0: (1, 1)}),
        (b"ab", {0: (1, 1), 1: (1, 2), 2: (1, 3)}),
        (b"a\r\nb\n", {0: (1, 1), 1: (1, 2), 2: (1, 3), 3: (2, 1), 4: (2, 2), 5: (2, 3)}),
        (b"\n\nx", {0: (1, 1), 1: (2, 1), 2: (3, 1)}),
        ("é\n漢x".encode(), {0: (1, 1), 1: (1, 2), 3: (2, 1), 6: (2, 4)}),
    ],
)
def test_positions_count_lines_and_bytes_from_one(data: bytes, places: dict[int, tuple[int, int]]) -> None:
    index = LineIndex(data)

    assert {offset: index.position(offset) for offset in places} == places
    assert {offset: LineIndex(data).position(offset) for offset in reversed(places)} == places


@given(st.lists(st.sampled_from([b"\n", b"\r\n", b"a", b"bc"]), max_size=30).map(b"".join), st.data())
def test_positions_are_the_same_in_any_order(data: bytes, draw: st.DataObject) -> None:
    index = LineIndex(data)
    for offset in draw.draw(st.lists(st.integers(0, max(len(data) - 1, 0)), max_size=10)):
        before = data[:offset]
        expected = Position(before.count(b"\n") + 1, offset - (before.rfind(b"\n") + 1) + 1)

        assert index.position(offset) == expected
        line = index.line_span(offset)
        assert line.start <= offset
        assert line.of(data) in (data.splitlines(keepends=True) or [b""]) or b"\r" in line.of(data)


def test_the_line_of_an_offset_has_its_end() -> None:
    index = LineIndex(b"one\r\ntwo\nthree")

    assert [index.line_span(offset).of(b"one\r\ntwo\nthree") for offset in (0, 4, 5, 8, 9, 13, 99)] == [
        *(b"one\r\n", b"one\r\n", b"two\n", b"two\n"),
        *(b"three", b"three", b"three"),
    ]


def test_every_character_that_a_terminal_acts_on_is_escaped() -> None:
    """Beside Unicode's own classes: control, format, surrogate, private use, separators of lines."""
    acting = {
        code
        for code in range(0x110000)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and code not in DRAWN_FORMATS
    }
    passed = {code for code in acting if printable(chr(code)) == chr(code)}

    assert passed == set()


def test_what_is_drawn_is_left_alone() -> None:
    drawn = chain(range(32, 127), range(0xA1, 0xAD), range(0xAE, 0x300), map(ord, "漢字カナ한글😀éß§→│"))

    assert [code for code in drawn if printable(chr(code)) != chr(code)] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\r\n\tb", "a\\r\\n\\tb"),
        ("\x00\x7f\x9b\xad", "\\x00\\x7f\\x9b\\xad"),
        ("\u202e\u2066\u200b\ufeff\u2028", "\\u202e\\u2066\\u200b\\ufeff\\u2028"),
        ("\ud800\ue000", "\\ud800\\ue000"),
        ("\U000e0041\U0010fffd", "\\U000e0041\\U0010fffd"),
        ("[bold red]x[/]", "[bold red]x[/]"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text() | st.binary() | st.integers() | st.none() | st.booleans() | st.floats(allow_nan=False))
def test_a_literal_reads_back_as_the_same_value(value: object) -> None:
    if value in (float("inf"), float("-inf")):
        return

    assert ast.literal_eval(literal(value)) == value
    assert printable(literal(value)) == literal(value)


@pytest.mark.parametrize("text", ["\\\ufe0f", "\\\\\u3164", "'\ufe00\"", "\\u202e\u202e", "\U000e0100\\"])
def test_a_literal_with_backslashes_before_what_is_escaped(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text
    assert printable(literal(text)) == literal(text)


@pytest.mark.parametrize(
    ("data", "escapes", "symbols"),
    [
        (b"GET /\r\n", "GET /\\r\\n", "GET /␍␊"),
        (b"\x1b[31m\t", "\\x1b[31m\\t", "␛[31m␉"),
        ("é😀".encode(), "é😀", "é😀"),
        (b"\xff\xfea\xc3", "\\xff\\xfea\\xc3", "\\xff\\xfea\\xc3"),
        (b"\xe2\x82", "\\xe2\\x82", "\\xe2\\x82"),
        (b"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80"),
        ("\u202e".encode(), "\\u202e", "\\u202e"),
        (b"\x00\x7f", "\\x00\\x7f", "\\x00\\x7f"),
        (b"\xc2\x9b\x9b", "\\xc2\\x9b\\x9b", "\\xc2\\x9b\\x9b"),
        (b"\xc2\xad", "\\xc2\\xad", "\\xc2\\xad"),
        (b"", "", ""),
    ],
)
def test_bytes_for_the_eye(data: bytes, escapes: str, symbols: str) -> None:
    assert (visible(data), visible(data, ESCAPES), visible(data, SYMBOLS)) == (escapes, escapes, symbols)


@given(st.binary().map(lambda data: data.replace(b"\\", b"")))
def test_nothing_of_the_bytes_is_lost_for_the_eye(data: bytes) -> None:
    """Every escape names the bytes or the character that stood there."""
    named = {"\\r": b"\r", "\\n": b"\n", "\\t": b"\t"}
    back = b""
    for part in re.findall(r"\\x..|\\u....|\\U........|\\.|[^\\]+", visible(data)):
        if part.startswith("\\x"):
            back += bytes([int(part[2:], 16)])
        elif part[:2] in ("\\u", "\\U"):
            back += chr(int(part[2:], 16)).encode()
        else:
            back += named.get(part) or part.encode()

    assert back == data


def test_broken_bytes_take_no_longer_than_others() -> None:
    began = time.perf_counter()
    text = visible(b"\xff" * 1_000_000)

    assert len(text) == 4_000_000
    assert time.perf_counter() - began < 5


def test_no_character_that_only_formats_is_drawn() -> None:
    """Whatever Unicode calls a control or a format character, private, or a separator of lines."""
    odd = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    formats = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in odd]

    assert len(formats) > 100_000
    assert [character for character in formats if printable(character) == character] == []
