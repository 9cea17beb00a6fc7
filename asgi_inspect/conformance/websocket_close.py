"""The code and the reason of websocket.close."""

from __future__ import annotations

from collections.abc import Iterator

from ..asgi import Progress
from .call import Call
from .example import accept, event, socket
from .rule import ERROR, NOTE, WARNING, Met, kind, rule, shown
from .walk import Sent
from .websocket_accept import speaks, version
from .websocket_handshake import ON

CLOSE = "websocket.close"
_LONGEST = 123  # bytes of a reason: a control frame holds 125, and two are the code
_NEVER_SENT = (1004, 1005, 1006)


def _closing(keys: str) -> str:
    return accept() + event(CLOSE, keys)


GOOD = socket(_closing('"code": 4000, "reason": "done"'))


@rule(
    "ws-close-code",
    ERROR,
    spec="RFC 6455 §7.4: 1004, 1005, 1006, 1015 and all below 1000 may not stand in a frame",
    help="use 1000, or one of your own from 4000 to 4999",
    seen=(
        "uvicorn: ProtocolError@2, socket cut | hypercorn: close 1000 | daphne: Exception@2, close 1011 | "
        "granian: the code goes out as it is"
    ),
    wrong=socket(_closing('"code": 1006')),
    right=GOOD,
    on=ON,
)
def ws_close_code(call: Call) -> Iterator[Met]:
    """These codes are what an endpoint tells its own side when no code came."""
    for sent, code in _codes(call):
        if not _may_be_sent(code):
            yield sent.met(f"the close code {code} may not be sent")


@rule(
    "ws-close-code-portable",
    WARNING,
    spec="specs/www.rst, Close - send event: “with the close code passed in the message”",
    help="use 1000, or one of your own from 4000 to 4999, where daphne is to run it",
    seen="uvicorn/h11, uvicorn/httptools, hypercorn, granian: closes | daphne: Exception@2, close 1011",
    wrong=socket(_closing('"code": 1008')),
    right=GOOD,
    on=ON,
)
def ws_close_code_portable(call: Call) -> Iterator[Met]:
    """In order by the text, and still an exception on one server."""
    for sent, code in _codes(call):
        if 1000 < code < 3000 and _may_be_sent(code):
            yield sent.met(f"daphne refuses the close code {code}, and closes with 1011")


@rule(
    "ws-close-code-type",
    ERROR,
    spec="specs/www.rst, Close - send event: “`code` (*int*) -- The WebSocket close code”",
    help="pass a number; leave the key out for 1000",
    seen=("uvicorn: TypeError@2, socket cut | hypercorn, granian: close 1000 | daphne: Exception@2, close 1011"),
    wrong=socket(_closing('"code": "1000"')),
    right=GOOD,
    on=ON,
)
def ws_close_code_type(call: Call) -> Iterator[Met]:
    """None closes without a code on one server, and is a TypeError on another."""
    for sent in _closes(call):
        code = sent.message.get("code", 1000)
        if not isinstance(code, int) or isinstance(code, bool):
            yield sent.met(f"code is {kind(code)} {shown(code)}, not int")


@rule(
    "ws-close-reason-length",
    ERROR,
    spec="RFC 6455 §5.5: a control frame has 125 bytes at most, and two of them are the code",
    help="shorten it, counted in bytes",
    seen=(
        "uvicorn: ProtocolError@2, socket cut | hypercorn: the client gets a part of it | "
        "daphne: the client gets the close without it | granian: a frame goes out that clients refuse"
    ),
    wrong=socket(_closing('"reason": "r" * 200')),
    right=socket(_closing('"reason": "r" * 123')),
    on=ON,
)
def ws_close_reason_length(call: Call) -> Iterator[Met]:
    """A text of an exception, most of the time."""
    for sent in _closes(call):
        reason = sent.message.get("reason")
        size = len(reason.encode("utf-8", "surrogatepass")) if isinstance(reason, str) else 0
        if size > _LONGEST:
            yield sent.met(f"the reason is {size} bytes long, and at most {_LONGEST} fit")


@rule(
    "ws-close-reason-type",
    ERROR,
    spec="specs/www.rst, Close - send event: “`reason` (*Unicode string*)”",
    help="pass text: str(error)",
    seen="uvicorn, hypercorn: AttributeError@2, socket cut | daphne, granian: closes",
    wrong=socket(_closing('"reason": b"done"')),
    right=GOOD,
    on=ON,
)
def ws_close_reason_type(call: Call) -> Iterator[Met]:
    """Two servers leave it out without a word, two fail."""
    for sent in _closes(call):
        reason = sent.message.get("reason")
        if reason is not None and not isinstance(reason, str):
            yield sent.met(f"reason is {kind(reason)} {shown(reason)}, not str")


@rule(
    "ws-close-reason-unsupported",
    NOTE,
    spec="specs/www.rst, Spec Versions: “Added the `reason` key to the WebSocket close event”",
    help="say it in a message before, where the client has to know",
    seen="uvicorn, hypercorn, granian: closes | daphne: the client gets the close without it",
    wrong=socket(_closing('"reason": "done"'), spec_version="2.2"),
    right=GOOD,
    on=ON,
)
def ws_close_reason_unsupported(call: Call) -> Iterator[Met]:
    """It came with 2.3; daphne drops it."""
    for sent in _closes(call):
        if sent.message.get("reason") and not speaks(call, 2, 3):
            yield sent.met(f"websocket.close has a reason, and the server speaks {version(call)}")


@rule(
    "ws-close-code-before-accept",
    NOTE,
    spec="specs/www.rst, Close - send event: “must close the connection with a HTTP 403 error code”",
    help="accept first and close then, or answer with websocket.http.response.start",
    seen="all: 403",
    wrong=socket("await receive()\n" + event(CLOSE, '"code": 4401')),
    right=socket("await receive()\n" + event(CLOSE)),
    on=ON,
)
def ws_close_code_before_accept(call: Call) -> Iterator[Met]:
    """The client gets a bare 403, and never the code; a browser says 1006 of any handshake that is refused."""
    for sent in call.of_type(CLOSE):
        code, reason = sent.message.get("code", 1000), sent.message.get("reason")
        if sent.before is Progress.CONNECTING and (code not in (1000, None) or reason):
            said = shown(code) if code not in (1000, None) else shown(reason)
            yield sent.met(f"closed with {said} before accept: the client gets a bare 403, and nothing of it")


def _closes(call: Call) -> Iterator[Sent]:
    """Each close of an open socket."""
    return (sent for sent in call.of_type(CLOSE) if sent.before is Progress.OPEN)


def _codes(call: Call) -> Iterator[tuple[Sent, int]]:
    for sent in _closes(call):
        code = sent.message.get("code", 1000)
        if isinstance(code, int) and not isinstance(code, bool):
            yield sent, code


def _may_be_sent(code: int) -> bool:
    return (1000 <= code <= 1014 and code not in _NEVER_SENT) or 3000 <= code <= 4999
