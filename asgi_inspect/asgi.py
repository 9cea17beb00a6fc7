"""The words of the ASGI specification (HTTP & WebSocket 2.5, Lifespan 2.0) as tables.

A scope is a plain dict, exactly the one the application is called with. Messages from an
application are `Mapping[str, object]` until proven better: a broken one may send anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

Scope = MutableMapping[str, Any]
Message = Mapping[str, Any]
Headers = list[tuple[bytes, bytes]]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

HTTP_REQUEST: Final = "http.request"
HTTP_DISCONNECT: Final = "http.disconnect"
RESPONSE_START: Final = "http.response.start"
RESPONSE_BODY: Final = "http.response.body"
WEBSOCKET_ACCEPT: Final = "websocket.accept"
WEBSOCKET_DISCONNECT: Final = "websocket.disconnect"

# The keys of an http scope in the order a reader meets them on the wire, each with what it
# tells an application ("Connection Scope" in specs/www.rst).
HTTP_SCOPE: Final[dict[str, str]] = {
    "type": "the kind of connection",
    "asgi": "versions of the specification the server speaks",
    "http_version": "from the request line",
    "method": "from the request line",
    "scheme": "how the client reached the server",
    "path": "the target up to ?, percent-decoded",
    "raw_path": "the same bytes, not decoded",
    "query_string": "what follows ?, not decoded",
    "root_path": "where the application is mounted",
    "headers": "names in lower case, order kept",
    "client": "the peer's address",
    "server": "the address it connected to",
    "state": "a copy of what lifespan startup stored",
    "extensions": "what else this server can do",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a message: what its value is, and whether it must be there."""

    holds: str
    required: bool = False


_PAIRS = "pairs"
_NO_KEYS: Final[dict[str, Key]] = {}
_START: Final = {"status": Key("int", required=True), "headers": Key(_PAIRS), "trailers": Key("bool")}
_BODY: Final = {"body": Key("bytes"), "more_body": Key("bool")}

# The keys of every message beside `type`. "pairs" is an iterable of [name, value] in bytes.
MESSAGES: Final[dict[str, dict[str, Key]]] = {
    HTTP_REQUEST: _BODY,
    HTTP_DISCONNECT: _NO_KEYS,
    RESPONSE_START: _START,
    RESPONSE_BODY: _BODY,
    "http.response.trailers": {"headers": Key(_PAIRS, required=True), "more_trailers": Key("bool")},
    "http.response.push": {"path": Key("str", required=True), "headers": Key(_PAIRS, required=True)},
    "http.response.early_hint": {"links": Key("list of bytes", required=True)},
    "http.response.pathsend": {"path": Key("str", required=True)},
    "http.response.zerocopysend": {
        "file": Key("file", required=True),
        "offset": Key("int"),
        "count": Key("int"),
        "more_body": Key("bool"),
    },
    "http.response.debug": {"info": Key("dict", required=True)},
    "websocket.connect": _NO_KEYS,
    WEBSOCKET_ACCEPT: {"subprotocol": Key("str or None"), "headers": Key(_PAIRS)},
    "websocket.receive": {"bytes": Key("bytes or None"), "text": Key("str or None")},
    "websocket.send": {"bytes": Key("bytes or None"), "text": Key("str or None")},
    WEBSOCKET_DISCONNECT: {"code": Key("int", required=True), "reason": Key("str or None")},
    "websocket.close": {"code": Key("int"), "reason": Key("str or None")},
    "websocket.http.response.start": _START,
    "websocket.http.response.body": _BODY,
    "lifespan.startup": _NO_KEYS,
    "lifespan.startup.complete": _NO_KEYS,
    "lifespan.startup.failed": {"message": Key("str")},
    "lifespan.shutdown": _NO_KEYS,
    "lifespan.shutdown.complete": _NO_KEYS,
    "lifespan.shutdown.failed": {"message": Key("str")},
}

# What only a server sends.
FROM_SERVER: Final = frozenset(
    {HTTP_REQUEST, HTTP_DISCONNECT, "lifespan.startup", "lifespan.shutdown"}
    | {"websocket.connect", "websocket.receive", WEBSOCKET_DISCONNECT}
)

# The messages of extensions, each with the name a server offers it by in scope["extensions"].
EXTENSIONS: Final = {
    **{
        name: name
        for name in MESSAGES
        if name.startswith("http.response.") and name not in (RESPONSE_START, RESPONSE_BODY)
    },
    "websocket.http.response.start": "websocket.http.response",
    "websocket.http.response.body": "websocket.http.response",
}


class Progress(StrEnum):
    """How far a connection scope has come; the values read on after "when"."""

    NOTHING = "nothing was sent yet"
    STARTED = "the response had started"
    STREAMING = "the body had begun"
    TRAILERS = "trailers were due"
    COMPLETE = "the response was complete"

    CONNECTING = "the handshake was not answered yet"
    OPEN = "the socket was open"
    DENYING = "a denial response had started"
    CLOSED = "the socket was closed"

    NEW = "lifespan.startup had not come yet"
    STARTING = "startup was under way"
    UP = "startup was complete"
    STOPPING = "shutdown was under way"
    FAILED = "startup had failed"
    END = "shutdown was answered"


MORE: Final = ", more to come"  # behind the type of a body or trailers message that is not the last one
_BODY_MORE, _ZEROCOPY = RESPONSE_BODY + MORE, "http.response.zerocopysend"
_CONTENT: Final = {
    _BODY_MORE: Progress.STREAMING,
    RESPONSE_BODY: Progress.COMPLETE,
    _ZEROCOPY + MORE: Progress.STREAMING,
    _ZEROCOPY: Progress.COMPLETE,
}

# What may come when, and what follows from it; a moment that is not in a row is out of order. A last
# body leads to TRAILERS instead of COMPLETE where the start promised trailers.
ORDER: Final[dict[str, dict[Progress, dict[str, Progress]]]] = {
    "http": {
        Progress.NOTHING: {
            "http.response.debug": Progress.NOTHING,
            "http.response.early_hint": Progress.NOTHING,
            RESPONSE_START: Progress.STARTED,
        },
        Progress.STARTED: {
            "http.response.push": Progress.STARTED,
            "http.response.pathsend": Progress.COMPLETE,
            **_CONTENT,
        },
        Progress.STREAMING: {"http.response.push": Progress.STREAMING, **_CONTENT},
        Progress.TRAILERS: {
            "http.response.trailers" + MORE: Progress.TRAILERS,
            "http.response.trailers": Progress.COMPLETE,
        },
        Progress.COMPLETE: {},
    },
    "websocket": {
        Progress.CONNECTING: {
            WEBSOCKET_ACCEPT: Progress.OPEN,
            "websocket.close": Progress.CLOSED,
            "websocket.http.response.start": Progress.DENYING,
        },
        Progress.OPEN: {"websocket.send": Progress.OPEN, "websocket.close": Progress.CLOSED},
        Progress.DENYING: {
            "websocket.http.response.body" + MORE: Progress.DENYING,
            "websocket.http.response.body": Progress.CLOSED,
        },
        Progress.CLOSED: {},
    },
    "lifespan": {
        Progress.NEW: {"lifespan.startup": Progress.STARTING},
        Progress.STARTING: {"lifespan.startup.complete": Progress.UP, "lifespan.startup.failed": Progress.FAILED},
        Progress.UP: {"lifespan.shutdown": Progress.STOPPING},
        Progress.STOPPING: {"lifespan.shutdown.complete": Progress.END, "lifespan.shutdown.failed": Progress.END},
        Progress.FAILED: {},
        Progress.END: {},
    },
}
BEGINNING: Final = {"http": Progress.NOTHING, "websocket": Progress.CONNECTING, "lifespan": Progress.NEW}


def moment(message: Message) -> str:
    """A message's type, with MORE behind it where the message says that it is not the last of its kind."""
    kind = str.__str__(message["type"])  # of an enum's member the text itself: its str() is another
    more = message.get("more_trailers" if kind.endswith("trailers") else "more_body")
    return kind + MORE if more and ("body" in kind or "trailers" in kind or kind == _ZEROCOPY) else kind
