"""Secrets in a body: form, JSON, multipart, or text; each function tells where they stand."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote_plus

from ..span import Span
from .names import Names

_MOST_DECODED = 16 * 1024 * 1024
_WINDOWS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
_PAIR = re.compile(rb"[^&]++")
# Every alternative takes what is there, so that nothing is read twice: a string without its end goes to the end.
_STRING = rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'
_TOKEN = re.compile(
    rb"(?P<name>" + _STRING + rb")\s*+:|(?P<string>" + _STRING + rb')|(?P<mark>[{}\[\],:])|(?P<bare>[^\s{}\[\],:"]++)',
    re.DOTALL,
)
_LITERALS = (b"true", b"false", b"null")
_BOUNDARY = re.compile(rb'(?i)boundary="?([^";\s]{1,200})')
_PART_NAME = re.compile(rb'(?i)[; ]name="?([^";\r\n]{0,200})')
_PART_HEAD = re.compile(rb"\r?\n\r?\n")


def form_spans(data: bytes, names: Names) -> Iterator[Span]:
    """The values of secret fields in `a=1&b=2`; names may be percent-encoded."""
    for pair in _PAIR.finditer(data):
        name, equals, value = pair.group().partition(b"=")
        value = value.rstrip(b"\r\n")
        if value and unquote_plus(name.rpartition(b"?")[2].decode("latin-1")) in names:
            start = pair.start() + len(name + equals)
            yield Span(start, start + len(value))


def json_spans(data: bytes, names: Names) -> Iterator[Span]:
    """The values of secret names: the inside of strings, numbers, and all that a list or an object holds."""
    inside: list[bool] = []
    secret = False
    for match in _TOKEN.finditer(data):
        if match["name"] is not None:
            secret = (inside[-1] if inside else False) or json_text(match["name"]) in names
        elif match["mark"] is not None:
            mark = match["mark"]
            if mark in b"{[":
                inside.append(secret)
            elif mark in b"}]" and inside:
                inside.pop()
            secret = bool(inside and inside[-1]) if mark != b":" else secret
        elif secret:
            start, end = match.span()
            if match["string"] is not None:
                yield Span(start + 1, end - (end - start > 1 and data[end - 1 : end] == b'"'))
            elif match["bare"] not in _LITERALS:
                yield Span(start, end)


def json_numbers(data: bytes) -> Iterator[Span]:
    """What stands bare in JSON: masked, it must become a string to leave JSON behind."""
    for match in _TOKEN.finditer(data):
        if match["bare"] is not None:
            yield Span(*match.span())


def json_text(quoted: bytes) -> str:
    """What a JSON string stands for; itself where it is none."""
    with suppress(ValueError, RecursionError):
        value = json.loads(quoted)
        return value if isinstance(value, str) else ""
    return quoted.strip(b'"').decode("utf-8", "replace")


def looks_like_json(data: bytes, content_type: bytes) -> bool:
    """By its type, or by how it begins."""
    return b"json" in content_type.lower() or data[:64].lstrip()[:1] in (b"{", b"[")


def multipart_spans(data: bytes, names: Names, content_type: bytes) -> Iterator[Span]:
    """The contents of parts with secret names (RFC 7578); the last may be cut."""
    told = _BOUNDARY.search(content_type)
    delimiter = b"--" + told[1] if told else data.partition(b"\n")[0].strip()
    if len(delimiter) < 3:
        return
    start = data.find(delimiter)
    while start >= 0:
        next_start = data.find(delimiter, start + len(delimiter))
        end = len(data) if next_start < 0 else next_start
        head = _PART_HEAD.search(data, start + len(delimiter), end)
        name = _PART_NAME.search(data, start, head.start()) if head else None
        if head and name and name[1] in names:
            content = data[head.end() : end]
            cut = content.removesuffix(b"\n").removesuffix(b"\r") if next_start >= 0 else content
            yield Span(head.end(), head.end() + len(cut))
        start = next_start


def decoded(data: bytes, encoding: bytes) -> bytes | None:
    """The body without its content coding, at most 16 MiB; None where it has none, or another one."""
    name = encoding.strip().lower().decode("latin-1")
    for bits in _WINDOWS.get(name, ()):
        with suppress(zlib.error):
            return zlib.decompressobj(bits).decompress(data, _MOST_DECODED)
    if name == "br":
        with suppress(Exception):  # not installed, or no brotli: then nothing shows it decoded either
            import brotli  # type: ignore[import-not-found]

            return bytes(brotli.decompress(data))
    return None
