"""Secrets in the headers that are made of more than a value: credentials and cookies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..span import Span

CREDENTIALS = (b"authorization", b"proxy-authorization")
COOKIES = (b"cookie", b"cookie2")
SET_COOKIE = (b"set-cookie", b"set-cookie2")
_SCHEME = re.compile(rb"\s*+[A-Za-z][\w-]{0,40}+\s++(?=\S)")
_COOKIE = re.compile(rb"""[^=;]*+=\s*+"?([^;"]*+)|\s*+([^;]*+)""")


def credentials_span(value: bytes) -> Span:
    """All but the scheme (RFC 9110 §11.4); without a scheme all of it."""
    scheme = _SCHEME.match(value)
    return Span(scheme.end() if scheme else 0, len(value))


def cookie_spans(value: bytes) -> Iterator[Span]:
    """The values of `a=1; b=2`; what has no name is a value."""
    position = 0
    while position < len(value):
        cookie = _COOKIE.match(value, position)
        if cookie is None or cookie.lastindex is None:
            return
        start, end = cookie.span(cookie.lastindex)
        if start < end:
            yield Span(start, start + len(value[start:end].rstrip()))
        position = value.find(b";", cookie.end()) + 1 or len(value)


def set_cookie_spans(value: bytes) -> Iterator[Span]:
    """The value of `a=1; Path=/`; the attributes are no secrets."""
    first = value.partition(b";")[0]
    return cookie_spans(first)
