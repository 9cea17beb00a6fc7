"""A request of HTTP/1 as the same client would ask for it over HTTP/2, and what the application sees of it then.

h2 encodes it as a client; uvicorn's HTTP/2 (servers/uvicorn_http2.py) reads it. What changes is told, with the why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .asgi import Headers, Scope
from .captures.capture import ClientConnection
from .exchange import Exchange
from .http2 import OverHttp2, ScopeChange
from .servers.http2_frames import MAX_FRAME_SIZE, Flag, FrameType, frame_bytes
from .servers.http2_request import CONNECTION_FIELDS
from .servers.uvicorn_scope import Settings
from .stand_in import play

if TYPE_CHECKING:
    from h2.connection import H2Connection

_READ_SIZE = 65536
_WHY = {
    "type": "a WebSocket over HTTP/2 is a CONNECT request (RFC 8441), which uvicorn hands on as HTTP",
    "asgi": "uvicorn tells another version of the HTTP specification",
    "http_version": "the version is the connection's: a request over HTTP/2 has no request line",
    "method": "it comes from :method",
    "path": "it comes from :path, which has no scheme and no host",
    "raw_path": "it comes from :path, which has no scheme and no host",
    "query_string": "it comes from :path",
    "headers": "names are in lower case, host comes last, from :authority, and what is about the connection is gone",
    "extensions": "over HTTP/2 uvicorn takes early hints and trailers from the application",
    "subprotocols": "a WebSocket's alone",
}

_NOTES: tuple[tuple[Callable[[Headers, bytes], bool], str], ...] = (
    (
        lambda fields, content: not content,
        "uvicorn 0.54 with zttp 0.0.35 never tells the application that a request without content has ended: "
        "its receive() waits until the client leaves",
    ),
    (
        lambda fields, content: bool(content) and (b"expect", b"100-continue") in fields,
        "no 100 Continue goes out over HTTP/2: a client that waits for it, waits",
    ),
)


def over_http2(exchange: Exchange, settings: Settings) -> OverHttp2 | None:
    """How the exchange's request would look; None where there is none, or it came over HTTP/2."""
    if exchange.request is None or exchange.http2 is not None or exchange.scope is None:
        return None
    if exchange.websocket is not None:
        return OverHttp2(words=_WHY["type"])
    from h2.exceptions import ProtocolError

    fields, dropped = _fields(exchange, settings)
    bodies = (message.get("body") for message in exchange.receive)
    content = b"".join(body for body in bodies if isinstance(body, bytes))
    try:
        data = _encoded(fields, content)
    except ProtocolError as error:
        return OverHttp2(fields=tuple(fields), dropped=dropped, words=f"h2 does not send it: {error}")
    client = ClientConnection(number=1, data=data)
    played = play(client, "httptools", settings, read_size=_READ_SIZE, limit=settings.kept_bytes)
    scope = played.taken[0].scope if played.taken else None
    fault = _fault(played.connection)
    notes = tuple(note for known, note in _NOTES if known(fields, content)) if scope is not None else ()
    changes = tuple(_changes(exchange.scope, scope)) if scope is not None else ()
    return OverHttp2(
        fields=tuple(fields), dropped=dropped, data=data, scope=scope, changes=changes, notes=notes, words=fault
    )


def _fault(connection: object) -> str:
    from .servers.uvicorn_http2 import Http2Server

    assert isinstance(connection, Http2Server)
    faults = [opened.fault.words for opened in connection.opened.values() if opened.fault is not None]
    faults += [opened.uncaught for opened in connection.opened.values() if opened.uncaught]
    return "".join(faults[:1]) or (connection.fault.words if connection.fault is not None else "")


def _fields(exchange: Exchange, settings: Settings) -> tuple[Headers, tuple[tuple[bytes, str], ...]]:
    """The fields of the HTTP/2 request (RFC 9113 §8.3.1), and those that have no place in it."""
    head = exchange.request
    assert head is not None
    listed = b",".join(value for name, value in head.headers if name == b"connection")
    named = {token.strip().lower() for token in listed.split(b",")}
    host = next((value for name, value in head.headers if name == b"host"), None)
    target = head.target
    if b"://" in target:
        parts = urlsplit(target)
        host = parts.netloc or host
        target = (parts.path or b"/") + (b"?" + parts.query if parts.query else b"")
    fields: Headers = [(b":method", head.method), (b":scheme", settings.scheme.encode())]
    fields += [(b":authority", host)] if host is not None else []
    fields.append((b":path", target.partition(b"#")[0]))
    dropped: list[tuple[bytes, str]] = []
    for name, value in head.headers:
        if name in CONNECTION_FIELDS or name == b"http2-settings" or name in named:
            dropped.append((name, "about a connection of HTTP/1 (RFC 9113 §8.2.2)"))
        elif name == b"te" and value.strip().lower() != b"trailers":
            dropped.append((name, "only te: trailers means something (RFC 9113 §8.2.2)"))
        elif name != b"host":
            fields.append((name.lower(), value.strip(b" \t")))
    return fields, tuple(dropped)


def _encoded(fields: Headers, content: bytes) -> bytes:
    """What a client with h2 sends: preface, SETTINGS, HEADERS, DATA. Raises h2's ProtocolError."""
    connection = _client()
    connection.initiate_connection()
    connection.send_headers(1, fields, end_stream=not content)
    frames = [connection.data_to_send()]
    for start in range(0, len(content), MAX_FRAME_SIZE):
        # Past h2, which would stop at its window: the server grants as it reads.
        part = content[start : start + MAX_FRAME_SIZE]
        last = start + MAX_FRAME_SIZE >= len(content)
        frames.append(frame_bytes(FrameType.DATA, Flag.END_STREAM if last else 0, 1, part))
    return b"".join(frames)


def _client() -> H2Connection:
    from h2.config import H2Configuration
    from h2.connection import H2Connection

    return H2Connection(H2Configuration(client_side=True, header_encoding=None))


def _changes(before: Scope, after: Scope) -> Iterator[ScopeChange]:
    for key in (*before, *(key for key in after if key not in before)):
        if key != "state" and before.get(key) != after.get(key):
            yield ScopeChange(key=key, before=before.get(key), after=after.get(key), why=_WHY.get(key, ""))
