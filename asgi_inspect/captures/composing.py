"""Requests put together from their parts, for captures that keep the parts and not the bytes.

The result has the same method, target, fields and content as what was sent; the order and the
spelling of fields are those of the capture. What had to be added is said by the reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from ..findings import Finding, Severity

Fields = list[tuple[bytes, bytes]]

NOT_THE_WIRE: Final = "not-the-wire"


class Target(NamedTuple):
    """A URL as a client uses it: the request target, and what Host says."""

    target: bytes
    host: bytes
    scheme: str

    @property
    def tls(self) -> bool:
        """Whether the client speaks TLS there."""
        return self.scheme in ("https", "wss")


def target_of(url: str) -> Target | None:
    """The parts of an http, https, ws or wss URL; None for any other."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https", "ws", "wss") or not parts.netloc:
        return None
    host = parts.netloc.rpartition("@")[2]
    default = ":443" if parts.scheme.lower() in ("https", "wss") else ":80"
    start = url.find("//") + 2 + len(parts.netloc)
    rest = url.strip()[start:].partition("#")[0]
    target = rest if rest.startswith("/") else "/" + rest
    return Target(as_bytes(target), as_bytes(host.removesuffix(default)), parts.scheme.lower())


def as_bytes(text: str) -> bytes:
    """Text as a client puts it on the wire."""
    return text.encode("utf-8", "replace")


def has(fields: Iterable[tuple[bytes, bytes]], name: bytes) -> bool:
    """Whether a field of this name (in lower case) is there."""
    return any(known.lower() == name for known, _ in fields)


def value_of(fields: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    """The last value of a field, None where there is none."""
    return next((value for known, value in reversed(list(fields)) if known.lower() == name), None)


def head(method: bytes, target: bytes, fields: Sequence[tuple[bytes, bytes]], version: bytes = b"HTTP/1.1") -> bytes:
    """A request head, its empty line included."""
    lines = [b"%b: %b\r\n" % (name, value) if value else b"%b:\r\n" % name for name, value in fields]
    return b"%b %b %b\r\n%b\r\n" % (method, target, version, b"".join(lines))


def as_chunks(body: bytes) -> bytes:
    """The body as one chunk and the last one."""
    return (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"


def not_the_wire(what: str, differs: str) -> Finding:
    """Says that the request is the same and its bytes may not be, and in what they may differ."""
    return Finding(
        rule=NOT_THE_WIRE,
        severity=Severity.NOTE,
        message=f"{what} keeps the request, not the bytes that were sent: {differs} may differ.",
        help="For the bytes themselves: curl --trace FILE URL, or tcpdump -w FILE.",
    )


def doubtful_text(text: str, connection: int) -> Finding | None:
    """What has to be said of a body that was kept as characters: bytes may have been others, or are lost."""
    lost = text.count("\ufffd")
    if text.isascii():
        return None
    if lost:
        what = "sign stands" if lost == 1 else "signs stand"
        message = f"{lost} {what} as U+FFFD in the body, where the browser had bytes that are not UTF-8: they are lost."
    else:
        message = "The body holds characters beyond ASCII; they are taken as UTF-8, and may have been other bytes."
    return Finding(
        rule="bytes-lost" if lost else "encoding-assumed",
        severity=Severity.WARNING,
        message=message,
        help="For the bytes themselves: curl --trace FILE URL, or tcpdump -w FILE.",
        connection=connection,
    )
