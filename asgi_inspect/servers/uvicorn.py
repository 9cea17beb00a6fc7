"""uvicorn's two HTTP/1 protocols by the name of their parser; each is imported when asked for."""

from __future__ import annotations

from typing import Final

from ..events import PREFACE, RequestHead
from .called import Upgraded
from .transport import Host
from .uvicorn_cycle import Connection
from .uvicorn_scope import VERSION, Settings

NAME: Final = "uvicorn"
PARSERS: Final = ("httptools", "h11")
HTTP2_PARSER: Final = "zttp"  # shown, never run: its behaviour was seen, and is held to it by tests
HTTP2_PARSER_VERSION: Final = "0.0.35"

__all__ = ["HTTP2_PARSER", "HTTP2_PARSER_VERSION", "NAME", "PARSERS", "VERSION", "connect", "other_parser"]


def connect(parser: str, settings: Settings, host: Host, opening: bytes = b"") -> Connection:
    """A new connection as uvicorn with `parser` keeps it; `opening` is how its client begins."""
    if settings.http2 and opening.startswith(PREFACE):
        from .uvicorn_http2 import Http2Server  # and with it hpack, which most captures never need

        return Http2Server(settings, host)
    connection = _connection(parser, settings, host)
    connection.upgrade = _websocket
    return connection


def _websocket(connection: Connection, head: RequestHead, handshake_end: int) -> Upgraded:
    from .uvicorn_websocket import WebSocket  # and with it wsproto, which most captures never need

    return WebSocket(connection, head, handshake_end)


def _connection(parser: str, settings: Settings, host: Host) -> Connection:
    if parser == "h11":
        from .uvicorn_h11 import H11Connection

        return H11Connection(settings, host)
    from .uvicorn_httptools import HttpToolsConnection

    return HttpToolsConnection(settings, host)


def other_parser(parser: str) -> str:
    """The one of the two that `parser` is not."""
    return PARSERS[1 - PARSERS.index(parser)]
