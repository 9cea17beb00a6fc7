"""A refusal names the line, shows it safely, and says what to do."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.refusal import line_of, refuse, response_only, seen

DATA = b"first\r\nsec\x1b[1mond\n\n" + b"x" * 100


@pytest.mark.parametrize(("offset", "line"), [(0, 1), (6, 1), (7, 2), (17, 2), (18, 3), (19, 4), (10_000, 4)])
def test_lines(offset: int, line: int) -> None:
    assert line_of(DATA, offset) == line


def test_what_stands_there_is_shown_safely() -> None:
    assert seen(DATA, 3) == 'that line is "first"'
    assert seen(DATA, 8) == 'that line is "sec\\x1b[1mond"'
    assert seen(DATA, 18) == "that line is empty"
    assert seen(DATA, 40) == f'that line is "{"x" * 60}…"'
    assert seen(b"a\n", 2) == "the capture ends there"


def test_the_whole_sentence() -> None:
    text = str(refuse("f.txt", DATA, 0, "expected a row", "Do this"))
    assert text == 'f.txt, line 1: expected a row; that line is "first". Do this'
    assert "nc -l 8000 > FILE" in str(response_only("f.txt"))
