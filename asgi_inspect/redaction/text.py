"""Secrets in running text: what is printed, a traceback, a URL in a header, a body of no known type.

Nothing is parsed. A name, what separates, and a value, as in `token=…`, `"password": "…"`,
`('X-Api-Key', '…')` and `Authorization: Bearer …`; and the password of `scheme://user:password@host`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..span import Span
from .fields import COOKIES, CREDENTIALS, SET_COOKIE, cookie_spans, credentials_span, set_cookie_spans
from .names import Names

# Each part is possessive or of bounded length, so that no text takes long.
_NAME = re.compile(
    rb"(?<![\w-])([\w-]{1,100}+)"
    rb"""(?:(?:%5[Dd]|\\?["'\]]){0,4}+\s{0,8}+(?:=>|[:=]|%3[Dd])|\\?["']\s{0,8}+,)\s{0,8}+b?"""
)
_VALUE = re.compile(
    rb"""\\"((?:[^"\\\r\n]++|\\(?!"))*+)|"((?:[^"\\\r\n]++|\\.)*+)|'((?:[^'\\\r\n]++|\\.)*+)"""
    rb"""|((?:[^\s&,;<>(){}\[\]"'\\]++|\\[^"'\s])*+)"""
)
_REST_OF_LINE = re.compile(rb"""["']?((?:[^\r\n"'\\]++|\\[^\r\n"'])*+)""")
_USERINFO = re.compile(rb"://[^\s/:@?#]{0,200}+:([^\s/@?#]{1,500}+)@")
_AFTER_SCHEME = re.compile(rb"(?i)(?<![A-Za-z])(?:bearer|basic|negotiate)[ \t]+([A-Za-z0-9+/=._~-]{16,}+)")
_NO_VALUES = (b"true", b"false", b"null", b"none", b"undefined")


def text_spans(data: bytes, names: Names) -> Iterator[Span]:
    """Where the values of `names` stand in `data`."""
    for pattern in (_USERINFO, _AFTER_SCHEME):
        yield from (Span(*match.span(1)) for match in pattern.finditer(data))
    position = 0
    while match := _NAME.search(data, position):
        position = match.end(1)
        if match[1] not in names:
            continue
        for span in _values(data, match[1].lower(), match.end()):
            if span.start < span.end and span.of(data).lower() not in _NO_VALUES:
                position = max(position, span.end)
                yield span


def _values(data: bytes, name: bytes, start: int) -> Iterator[Span]:
    """Credentials and cookies go on to the end of the line, other values to where a form or a sentence goes on."""
    whole = name.endswith((*CREDENTIALS, *COOKIES, *SET_COOKIE))
    match = (_REST_OF_LINE if whole else _VALUE).match(data, start)
    if match is None or match.lastindex is None:
        return
    span = Span(*match.span(match.lastindex))
    if not whole:
        yield span
        return
    inside = set_cookie_spans if name.endswith(SET_COOKIE) else cookie_spans
    found = [credentials_span(span.of(data))] if name.endswith(CREDENTIALS) else inside(span.of(data))
    yield from (Span(span.start + one.start, span.start + one.end) for one in found)
