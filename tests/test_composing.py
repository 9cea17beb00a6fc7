"""Requests put together from parts."""

from __future__ import annotations

import pytest

from asgi_inspect.captures import composing

URLS = [
    ("http://a", (b"/", b"a", "http")),
    ("https://u:p@a:443/p?q#f", (b"/p?q", b"a", "https")),
    ("ws://a:80?x", (b"/?x", b"a", "ws")),
    ("http://[::1]:8000/é", (b"/\xc3\xa9", b"[::1]:8000", "http")),
    ("ftp://a/", None),
    ("/p", None),
    ("http://[", None),
]


@pytest.mark.parametrize(("url", "parts"), URLS)
def test_urls(url: str, parts: tuple[bytes, bytes, str] | None) -> None:
    assert composing.target_of(url) == parts


def test_heads_and_chunks() -> None:
    assert composing.head(b"GET", b"/", [(b"A", b"1"), (b"B", b"")]) == b"GET / HTTP/1.1\r\nA: 1\r\nB:\r\n\r\n"
    assert composing.as_chunks(b"hello") == b"5\r\nhello\r\n0\r\n\r\n"
    assert composing.as_chunks(b"") == b"0\r\n\r\n"


def test_fields_are_found_without_regard_to_case() -> None:
    fields = [(b"A", b"1"), (b"a", b"2")]
    assert composing.has(fields, b"a")
    assert composing.value_of(fields, b"a") == b"2"
    assert composing.value_of(fields, b"b") is None
