"""An HTTP/2 connection and its streams, as a report shows them: plain data, whoever read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from .asgi import Scope
from .recording import Folded
from .span import Span

Fields = tuple[tuple[bytes, bytes], ...]
KEPT_FRAMES = 10_000


class ErrorCode(IntEnum):
    """Why a stream is reset or a connection is closed (RFC 9113 §7)."""

    NO_ERROR = 0
    PROTOCOL_ERROR = 1
    INTERNAL_ERROR = 2
    FLOW_CONTROL_ERROR = 3
    SETTINGS_TIMEOUT = 4
    STREAM_CLOSED = 5
    FRAME_SIZE_ERROR = 6
    REFUSED_STREAM = 7
    CANCEL = 8
    COMPRESSION_ERROR = 9
    CONNECT_ERROR = 10
    ENHANCE_YOUR_CALM = 11
    INADEQUATE_SECURITY = 12
    HTTP_1_1_REQUIRED = 13


def error_name(code: int) -> str:
    """The name of RFC 9113 §7, or the number."""
    return ErrorCode(code).name if code in ErrorCode.__members__.values() else f"error {code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Http2Frame:
    """A frame of the client or the server.

    `length` is that of the payload in bytes, `data` the payload. `span` points at the whole frame: of the
    client into the connection's bytes, of the server into all that it wrote on this connection; None for a
    frame that the capture does not hold. `fields` are a field block's, as HPACK gives them, on its HEADERS
    frame. `told` says what a frame that is no HEADERS and no DATA says. `fault` is why the server gave up on it.
    """

    by_client: bool
    type: str
    flags: tuple[str, ...]
    stream: int
    length: int
    span: Span | None
    data: bytes | Folded = b""
    fields: Fields = ()
    told: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Http2Fault:
    """What a server does not take, and what it does about it.

    `rule` names it (http2_rules.py), `words` show the value seen. `code` is what goes out: in RST_STREAM where
    `stream` alone ends, in GOAWAY where `whole` connection does. `span` covers the bytes.
    """

    rule: str
    words: str
    code: int
    stream: int
    span: Span | None
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Http2Connection:
    """What two sides said over one HTTP/2 connection.

    `wire` is every byte of the server, `frames` are both sides' in order, `left_out` counts those that are not
    kept. `fault` is what ended it. `rest` are the bytes of a frame that is not whole. `beyond` counts octets of
    content that went out only because the client here reads on, where the capture's client granted no more.
    `cut` tells that an error of the server's own ended it without a word.
    """

    wire: bytes | Folded
    frames: tuple[Http2Frame, ...]
    left_out: int = 0
    fault: Http2Fault | None = None
    rest: Span | None = None
    beyond: int = 0
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Http2Stream:
    """One request's stream; 0 stands for the connection where it alone is at fault.

    `fields` are the request's, pseudo-header fields among them, `places` where each stands in the bytes (none where
    frames cut the block). `trailers` are the request's, which no ASGI application gets. `reset` is the code of an
    RST_STREAM, `reset_by_client` whose it was. `bodyless` tells that HEADERS ended the request. `uncaught` is
    an exception of uvicorn's own. `frames` are those of this stream, both sides' in order.
    """

    number: int
    connection: Http2Connection
    fields: Fields = ()
    places: tuple[Span, ...] = ()
    trailers: Fields = ()
    fault: Http2Fault | None = None
    reset: int | None = None
    reset_by_client: bool = False
    bodyless: bool = False
    uncaught: str = ""
    frames: tuple[Http2Frame, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeChange:
    """A key of the scope that is not the same over HTTP/2; None stands for one that is not there."""

    key: str
    before: Any
    after: Any
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverHttp2:
    """A request of HTTP/1 as it would look over HTTP/2.

    `fields` are its field block, `dropped` the names that have no place in it and why, `data` the bytes of a
    client. `scope` is what the application would get, None where `words` say why it gets nothing. `notes` tell
    what else is different for it.
    """

    fields: Fields = ()
    dropped: tuple[tuple[bytes, str], ...] = ()
    data: bytes = b""
    scope: Scope | None = None
    changes: tuple[ScopeChange, ...] = ()
    notes: tuple[str, ...] = ()
    words: str = ""


def field_places(stream: Http2Stream) -> dict[str, Any]:
    """For each key of a scope that is a field's, the bytes of that field's representation (RFC 7541 §6)."""
    if not stream.places:
        return {}
    places = dict(zip((name for name, _ in stream.fields), stream.places, strict=True))
    found: dict[str, Any] = {
        key: places[name]
        for key, name in (("method", b":method"), *((key, b":path") for key in ("path", "raw_path", "query_string")))
        if name in places
    }
    listed = zip(stream.fields, stream.places, strict=True)
    headers = [place for (name, _), place in listed if not name.startswith(b":") and name != b"host"]
    host = places.get(b":authority", places.get(b"host"))
    return {**found, "headers": [[place, place] for place in (*headers, *((host,) if host else ()))]}
