"""What is known of one stream of a client, filled while its connection is played."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import RequestHead
from ..http2 import Fields, Http2Fault
from ..span import Span
from .http2_cycle import Http2Cycle


@dataclass(slots=True, kw_only=True)
class Opened:
    """A stream that the client opened. `first` and `last` are the offsets of its frames, `early` bytes that
    the server wrote on it while no application was called. `refused` tells that the server gave it up before
    its response was complete, `unavailable` that a 503 went out instead of calling the application."""

    number: int
    first: int
    last: int
    fields: Fields = ()
    places: tuple[Span, ...] = ()
    trailers: Fields = ()
    cycle: Http2Cycle | None = None
    request: RequestHead | None = None
    ended: bool = False
    bodyless: bool = False
    fault: Http2Fault | None = None
    reset: int | None = None
    reset_by_client: bool = False
    refused: bool = False
    unavailable: bool = False
    uncaught: str = ""
    early: bytes = b""
