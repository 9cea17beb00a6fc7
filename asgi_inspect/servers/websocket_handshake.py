"""The opening handshake (RFC 6455 §4.2) as uvicorn's WebSocket protocol judges it.

uvicorn writes the request that its HTTP parser read anew, always as HTTP/1.1, and lets the
websockets package parse and check it (http11.py and server.py of websockets 17.4).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha1
from http import HTTPStatus

from ..events import RequestHead
from .websocket_deflate import Deflate, negotiate
from .websocket_headers import (
    Headers,
    InvalidHandshake,
    InvalidHeader,
    InvalidHeaderValue,
    InvalidUpgrade,
    MultipleValuesError,
    connection_options,
    extensions,
    subprotocols,
    upgrade_protocols,
)

_LONGEST_LINE = 8192  # with its CRLF
_MOST_FIELDS = 128
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_VALUE = re.compile(rb"[\x09\x20-\x7e\x80-\xff]*")
_TO_BROWSERS = "\nYou cannot access a WebSocket server directly with a browser. You need a WebSocket client.\n"


class Unreadable(Exception):
    """The websockets package gives up on the request; uvicorn does not notice, and nobody answers."""


class InvalidMethod(InvalidHandshake):
    """Anything but GET."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """The request as the websockets package parsed it."""

    method: str
    path: str
    headers: Headers


@dataclass(slots=True)
class Answer:
    """What is written for a handshake. `fault` names what is wrong where it is a refusal."""

    status: int
    headers: Headers
    body: bytes = b""
    deflate: Deflate | None = None
    fault: InvalidHandshake | None = None

    def serialize(self) -> bytes:
        """As on the wire."""
        line = f"HTTP/1.1 {self.status} {phrase(self.status)}\r\n".encode("iso-8859-1")
        return line + self.headers.serialize() + self.body


def phrase(status: int) -> str:
    """The reason phrase; none for a status nobody registered."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def read_handshake(head: RequestHead) -> Handshake:
    """Parse the request that uvicorn wrote anew. Raises Unreadable.

    A too long line and a body are faults that the websockets package would answer with 431 or an
    end of stream; uvicorn 0.54 never writes that answer, and the client waits in vain.
    """
    _check_line(b"%b %b HTTP/1.1\r\n" % (head.method, head.target))
    headers = Headers()
    for number, (name, value) in enumerate(head.headers, 1):
        if number > _MOST_FIELDS:
            raise Unreadable(f"expected no more than {_MOST_FIELDS} headers")
        _check_line(b"%b: %b\r\n" % (name, value))
        value = value.strip(b" \t")
        if not _VALUE.fullmatch(value):
            raise Unreadable(f"invalid HTTP header value: {value.decode(errors='backslashreplace')}")
        headers.fields.append((name.decode("ascii"), value.decode("iso-8859-1")))
    if headers.all("transfer-encoding"):
        raise Unreadable("transfer codings aren't supported")
    if not set(headers.all("content-length")) <= {"0"}:
        raise Unreadable("unsupported request body")
    return Handshake(head.method.decode("ascii"), head.target.decode("ascii"), headers)


def _check_line(line: bytes) -> None:
    if len(line) > _LONGEST_LINE:
        raise Unreadable(f"read {len(line)} bytes, expected no more than {_LONGEST_LINE} bytes")


def answer(handshake: Handshake, date: str, *, compress: bool) -> Answer:
    """The 101 that waits for the application, or the refusal that goes out before it is called."""
    try:
        accept_key, extension, deflate = _checked(handshake, compress=compress)
    except InvalidMethod as fault:
        return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"{fault}", date, fault, ("Allow", "GET"))
    except InvalidUpgrade as fault:
        told = (f"{fault}", _TO_BROWSERS)
        return _refusal(HTTPStatus.UPGRADE_REQUIRED, told[0], date, fault, ("Upgrade", "websocket"), behind=told[1])
    except InvalidHandshake as fault:
        cause = f"; {fault.__cause__}" if fault.__cause__ is not None else ""
        return _refusal(HTTPStatus.BAD_REQUEST, f"{fault}{cause}", date, fault)
    headers = Headers([("Date", date), ("Upgrade", "websocket"), ("Connection", "Upgrade")])
    headers["Sec-WebSocket-Accept"] = accept_key
    if extension is not None:
        headers["Sec-WebSocket-Extensions"] = extension
    return Answer(101, headers, deflate=deflate)


def _refusal(
    status: int, words: str, date: str, fault: InvalidHandshake, *extra: tuple[str, str], behind: str = ""
) -> Answer:
    refused = rejection(status, f"Failed to open a WebSocket connection: {words}.\n{behind}", date)
    refused.headers.update(extra)
    refused.fault = fault
    return refused


def rejection(status: int, text: str, date: str) -> Answer:
    """A short plain answer instead of the 101."""
    body = text.encode()
    headers = Headers([("Date", date), ("Connection", "close"), ("Content-Length", str(len(body)))])
    headers["Content-Type"] = "text/plain; charset=utf-8"
    return Answer(int(status), headers, body)


def _checked(handshake: Handshake, *, compress: bool) -> tuple[str, str | None, Deflate | None]:
    """The checks in the order of the websockets package: the first fault is the one that is told."""
    headers = handshake.headers
    if handshake.method != "GET":
        raise InvalidMethod(f"unsupported HTTP method: {handshake.method}")
    options = _joined(connection_options, headers.all("Connection"))
    if not any(option.lower() == "upgrade" for option in options):
        raise InvalidUpgrade("Connection", ", ".join(options) if options else None)
    protocols = _joined(upgrade_protocols, headers.all("Upgrade"))
    if not (len(protocols) == 1 and protocols[0].lower() == "websocket"):
        raise InvalidUpgrade("Upgrade", ", ".join(protocols) if protocols else None)
    key = _only(headers, "Sec-WebSocket-Key")
    _check_key(key)
    version = _only(headers, "Sec-WebSocket-Version")
    if version != "13":
        raise InvalidHeaderValue("Sec-WebSocket-Version", version)
    if len(headers.all("Origin")) > 1:
        raise InvalidHeader("Origin", "multiple values")
    extension, deflate = None, None
    if compress and headers.all("Sec-WebSocket-Extensions"):
        offers = [offer for value in headers.all("Sec-WebSocket-Extensions") for offer in extensions(value)]
        extension, deflate = negotiate(offers)
    _joined(subprotocols, headers.all("Sec-WebSocket-Protocol"))
    return accept_key(key), extension, deflate


def _joined(parse: Callable[[str], list[str]], values: list[str]) -> list[str]:
    return [item for value in values for item in parse(value)]


def _only(headers: Headers, name: str) -> str:
    try:
        return headers[name]
    except KeyError:
        raise InvalidHeader(name) from None
    except MultipleValuesError:
        raise InvalidHeader(name, "multiple values") from None


def _check_key(key: str) -> None:
    """Sixteen bytes in base64 (RFC 6455 §4.1)."""
    try:
        raw = b64decode(key.encode(), validate=True)
    except binascii.Error as error:
        raise InvalidHeaderValue("Sec-WebSocket-Key", key) from error
    if len(raw) != 16:
        raise InvalidHeaderValue("Sec-WebSocket-Key", key)


def accept_key(key: str) -> str:
    """What proves that the server understood the key (RFC 6455 §4.2.2)."""
    return b64encode(sha1((key + _GUID).encode(), usedforsecurity=False).digest()).decode()
