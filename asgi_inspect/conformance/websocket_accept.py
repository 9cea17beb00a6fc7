"""What websocket.accept says: the subprotocol that was chosen, and headers of the 101."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..asgi import WEBSOCKET_ACCEPT
from .call import Call
from .example import CLOSE, accept, say, socket
from .rule import ERROR, NOTE, Met, kind, rule, shown
from .walk import Sent, pairs
from .websocket_handshake import ON

PROTOCOL = b"sec-websocket-protocol"
_ENDS = say() + CLOSE
GOOD = socket(accept('"subprotocol": "chat"') + _ENDS)
GOOD_HEADERS = socket(accept('"headers": [(b"x-room", b"7")]') + _ENDS)
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BREAKS = re.compile(rb"[\r\n\x00]")


@rule(
    "ws-subprotocol-not-offered",
    ERROR,
    spec="RFC 6455 §4.2.2: the server chooses one of the client's subprotocols, or none",
    help="choose from scope['subprotocols'], or leave the key out",
    seen="uvicorn, granian: closes | hypercorn: Exception, no reply | daphne: ValueError@2, silence",
    wrong=socket(accept('"subprotocol": "graphql-ws"') + _ENDS),
    right=GOOD,
    on=ON,
)
def ws_subprotocol_not_offered(call: Call) -> Iterator[Met]:
    """A browser fails a connection whose server chose what it was not offered."""
    offered = list(call.scope.get("subprotocols") or ())
    for sent in call.of_type(WEBSOCKET_ACCEPT):
        chosen = sent.message.get("subprotocol")
        if isinstance(chosen, str) and chosen not in offered:
            listed = ", ".join(map(shown, offered[:5])) or "none"
            yield sent.met(f"the subprotocol {shown(chosen)} was not offered by the client ({listed})")


@rule(
    "ws-subprotocol-type",
    ERROR,
    spec="specs/www.rst, Accept - send event: “`subprotocol` (*Unicode string*)”",
    help="pass text: scope['subprotocols'] has it",
    seen="uvicorn, granian: closes | hypercorn: Exception, no reply | daphne: ValueError@2, silence",
    wrong=socket(accept('"subprotocol": b"chat"') + _ENDS),
    right=GOOD,
    on=ON,
)
def ws_subprotocol_type(call: Call) -> Iterator[Met]:
    """uvicorn writes b'chat' into the header, quotes and all."""
    for sent in call.of_type(WEBSOCKET_ACCEPT):
        chosen = sent.message.get("subprotocol")
        if chosen is not None and not isinstance(chosen, str):
            yield sent.met(f"subprotocol is {kind(chosen)} {shown(chosen)}, not str")


@rule(
    "ws-accept-header-subprotocol",
    ERROR,
    spec="specs/www.rst, Accept - send event: “Must not include a header named `sec-websocket-protocol`”",
    help='give "subprotocol" instead of the header',
    seen="uvicorn, daphne, granian: closes | hypercorn: Exception, no reply",
    wrong=socket(accept('"headers": [(b"sec-websocket-protocol", b"chat")]') + _ENDS),
    right=GOOD,
    on=ON,
)
def ws_accept_header_subprotocol(call: Call) -> Iterator[Met]:
    """The server writes that header, from the key."""
    for sent in call.of_type(WEBSOCKET_ACCEPT):
        if any(name.lower() == PROTOCOL for name, _ in pairs(sent)):
            yield sent.met("websocket.accept has a header sec-websocket-protocol")


@rule(
    "ws-accept-headers",
    ERROR,
    spec="specs/www.rst, Accept - send event: “`name` is the header name, and `value` is the header value”",
    help="pass [(b'name', b'value'), …], with no line breaks in it",
    seen="uvicorn: AttributeError, 500 | hypercorn: TypeError, no reply | daphne, granian: closes",
    wrong=socket(accept('"headers": [("x-room", "7")]') + _ENDS),
    right=GOOD_HEADERS,
    on=ON,
)
def ws_accept_headers(call: Call) -> Iterator[Met]:
    """Two servers throw these headers away unseen; on the others the handshake fails, or splits in two."""
    for sent in call.of_type(WEBSOCKET_ACCEPT):
        for why in _faults(sent):
            yield sent.met(f"the headers of websocket.accept: {why}")


@rule(
    "ws-accept-headers-unsupported",
    NOTE,
    spec="specs/www.rst, Spec Versions: “sending `headers` with a WebSocket Accept message is an error”",
    help="do not rely on them; a cookie can be set by the page before",
    seen="all: closes",
    wrong=socket(accept('"headers": [(b"x-room", b"7")]') + _ENDS, spec_version="2.0"),
    right=GOOD_HEADERS,
    on=ON,
)
def ws_accept_headers_unsupported(call: Call) -> Iterator[Met]:
    """They came with 2.1. daphne and granian drop them without a word, whatever version they speak."""
    for sent in call.of_type(WEBSOCKET_ACCEPT):
        if sent.message.get("headers") and not speaks(call, 2, 1):
            yield sent.met(f"websocket.accept has headers, and the server speaks {version(call)}")


def version(call: Call) -> str:
    """The version of the specification that the server speaks; 2.0 where it does not say."""
    return str((call.scope.get("asgi") or {}).get("spec_version", "2.0"))


def speaks(call: Call, *least: int) -> bool:
    """Whether the server speaks that version of the specification, or a later one."""
    parts = version(call).split(".")
    return all(part.isdecimal() for part in parts) and tuple(map(int, parts)) >= least


def _faults(sent: Sent) -> Iterator[str]:
    """What is wrong with a header list, so that it cannot be sent."""
    headers = sent.message.get("headers", [])
    if isinstance(headers, dict | str | bytes) or not isinstance(headers, Iterable):
        yield f"{kind(headers)} {shown(headers)} is not a list of pairs"
        return
    for item in headers if isinstance(headers, list | tuple) else ():
        if not isinstance(item, list | tuple) or len(item) != 2:
            yield f"{shown(item)} is not a pair of name and value"
        elif not all(isinstance(part, bytes | bytearray | memoryview) for part in item):
            yield f"{shown(item[0])}: {shown(item[1])} is not bytes and bytes"
    for name, value in pairs(sent):
        if not _TOKEN.fullmatch(name):
            yield f"{shown(name)} is no name for a header"
        elif _BREAKS.search(value):
            yield f"the value of {shown(name)} has a line break or NUL in it: {shown(value)}"
