"""A request's fields over HTTP/2 (RFC 9113 §8), judged as zttp 0.0.35 judges them.

Every fault here makes the request malformed (§8.1.1): the stream is reset with PROTOCOL_ERROR, the
application never called, and the connection lives on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..asgi import Headers
from ..http2 import Fields
from ..span import visible

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_UPPER = re.compile(rb"[A-Z]")
_NOT_IN_A_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_PSEUDO = (b":method", b":scheme", b":path", b":authority", b":protocol")
CONNECTION_FIELDS = frozenset((b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"))
NOT_IN_TRAILERS = CONNECTION_FIELDS | {
    *(b"content-length", b"trailer", b"host", b"te", b"content-encoding", b"content-type", b"content-range")
}
_LONGEST_LENGTH = 2**64


class FieldFault(Exception):
    """What makes a message malformed; `rule` names it, `index` is the field's, None where one is missing."""

    def __init__(self, rule: str, words: str, index: int | None = None) -> None:
        super().__init__(words)
        self.rule = rule
        self.index = index


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What becomes a scope: `headers` have the host last, from :authority or Host."""

    method: bytes
    target: bytes
    headers: Headers
    content_length: int | None
    protocol: bytes | None


def read_request(fields: Fields) -> Request:
    """The request that a complete field block asks for. Raises FieldFault."""
    pseudo: dict[bytes, bytes] = {}
    headers: Headers = []
    host: bytes | None = None
    length: int | None = None
    for index, (name, value) in enumerate(fields):
        _check_value(name, value, index)
        if name.startswith(b":"):
            _check_pseudo(name, value, pseudo, index, behind=bool(headers) or host is not None)
            pseudo[name] = value
            continue
        _check_name(name, index)
        if name in CONNECTION_FIELDS:
            words = f"{_text(name)} is about one connection of HTTP/1, and means nothing in HTTP/2"
            raise FieldFault("http2-connection-field", words, index)
        if name == b"te" and value != b"trailers":
            raise FieldFault("http2-te-not-trailers", f'te says "{_text(value)}", not trailers', index)
        if name == b"host":
            if host is not None and host != value:
                raise FieldFault("http2-host-differs", f'host is "{_text(host)}" and "{_text(value)}"', index)
            host = value
            continue
        if name == b"content-length":
            length = _content_length(value, length, index)
        headers.append((name, value))
    return _request(pseudo, headers, host, length, fields)


def _request(
    pseudo: dict[bytes, bytes], headers: Headers, host: bytes | None, length: int | None, fields: Fields
) -> Request:
    _check_pseudo_set(pseudo, fields)
    authority = pseudo.get(b":authority")
    if authority is not None and host is not None and authority != host:
        words = f':authority is "{_text(authority)}", host is "{_text(host)}"'
        raise FieldFault("http2-host-differs", words, _index(fields, b"host"))
    named = authority if authority is not None else host
    return Request(
        method=pseudo[b":method"],
        target=pseudo[b":path"],
        headers=headers if named is None else [*headers, (b"host", named)],
        content_length=length,
        protocol=pseudo.get(b":protocol"),
    )


def _check_pseudo_set(pseudo: dict[bytes, bytes], fields: Fields) -> None:
    """Which pseudo-header fields there must be, and which belong to CONNECT alone (RFC 8441 §4)."""
    extended = b":protocol" in pseudo
    connects = pseudo.get(b":method") == b"CONNECT"
    if extended and not connects:
        words = f":protocol stands in a {_text(pseudo.get(b':method', b''))} request, not in CONNECT"
        raise FieldFault("http2-pseudo-header-unknown", words, _index(fields, b":protocol"))
    for name in (b":method", b":scheme", b":path", *((b":authority",) if extended else ())):
        if name not in pseudo:
            if connects and not extended:
                words = "a CONNECT request asks for a tunnel, which uvicorn does not open"
                raise FieldFault("http2-connect", words, _index(fields, b":method"))
            raise FieldFault("http2-pseudo-header-missing", f"the request has no {_text(name)}")
        if not pseudo[name]:
            raise FieldFault("http2-pseudo-header-empty", f"{_text(name)} is empty", _index(fields, name))


def read_trailers(fields: Fields) -> None:
    """Look at the field block behind a request's content. Raises FieldFault."""
    for index, (name, value) in enumerate(fields):
        _check_value(name, value, index)
        if name.startswith(b":"):
            words = f"{_text(name)} stands in the trailers"
            raise FieldFault("http2-pseudo-header-in-trailers", words, index)
        _check_name(name, index)
        if name in NOT_IN_TRAILERS:
            raise FieldFault("http2-trailer-forbidden", f"{_text(name)} stands in the trailers", index)


def _check_value(name: bytes, value: bytes, index: int) -> None:
    if not name:
        raise FieldFault("http2-field-name-invalid", "a field has no name", index)
    if _NOT_IN_A_VALUE.search(value):
        words = f'the value of {_text(name)} holds a control character: "{_text(value)}"'
        raise FieldFault("http2-field-value-invalid", words, index)
    if value != value.strip(b" \t"):
        words = f'the value of {_text(name)} begins or ends with white space: "{_text(value)}"'
        raise FieldFault("http2-field-value-invalid", words, index)


def _check_pseudo(name: bytes, value: bytes, seen: dict[bytes, bytes], index: int, *, behind: bool) -> None:
    if behind:
        raise FieldFault("http2-pseudo-header-late", f"{_text(name)} stands behind a field", index)
    if name not in _PSEUDO:
        raise FieldFault("http2-pseudo-header-unknown", f"{_text(name)} is none of a request's", index)
    if name in seen:
        raise FieldFault("http2-pseudo-header-repeated", f"{_text(name)} stands there twice", index)
    if name in (b":method", b":protocol") and not _TOKEN.fullmatch(value):
        raise FieldFault("http2-pseudo-header-invalid", f'{_text(name)} is "{_text(value)}", no token', index)


def _check_name(name: bytes, index: int) -> None:
    if _TOKEN.fullmatch(name) is None:
        raise FieldFault("http2-field-name-invalid", f'"{_text(name)}" is no field name', index)
    if _UPPER.search(name):
        raise FieldFault("http2-field-name-upper-case", f"the field name {_text(name)} has capitals", index)


def _content_length(value: bytes, before: int | None, index: int) -> int:
    if not (value.isdigit() and len(value) <= 40 and int(value) < _LONGEST_LENGTH):
        raise FieldFault("http2-content-length-invalid", f'content-length is "{_text(value)}"', index)
    if before is not None and before != int(value):
        raise FieldFault("http2-content-length-invalid", f"content-length is {before} and {int(value)}", index)
    return int(value)


def _index(fields: Fields, name: bytes) -> int:
    return next(index for index, field in enumerate(fields) if field[0] == name)


def _text(data: bytes) -> str:
    """Bytes for a sentence, not more of them than one can hold."""
    return visible(data[:80]) + ("..." if len(data) > 80 else "")
