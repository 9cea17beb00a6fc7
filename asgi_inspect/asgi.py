"""The words of the ASGI specification (HTTP & WebSocket 2.5, Lifespan 2.0) as tables.

A scope is a plain dict, exactly the one the application is called with. Messages from an
application are `Mapping[str, object]` until proven better: a broken one may send anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
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
