"""The extension websocket.http.response: a handshake that is refused with a response of the application's."""

from __future__ import annotations

from collections.abc import Iterator

from ..asgi import EXTENSIONS, Progress
from .call import Call
from .example import CLOSE, accept, event, socket
from .rule import ERROR, NOTE, WARNING, Met, rule
from .walk import Sent, Standing
from .websocket_handshake import ON

START, BODY = "websocket.http.response.start", "websocket.http.response.body"
EXTENSION = EXTENSIONS[START]
_SPEC = "docs/extensions.rst, Websocket Denial Response"


def _start(status: int = 401, keys: str = ', "headers": []') -> str:
    return event(START, f'"status": {status}{keys}')


_CONNECT = "await receive()\n"
_BODY = event(BODY, '"body": b"who?"')
GOOD = socket(_CONNECT + _start() + _BODY)


@rule(
    "ws-denial-without-extension",
    ERROR,
    spec=f"{_SPEC}: “ASGI Servers that implement this extension will provide”",
    help="test: 'websocket.http.response' in (scope.get('extensions') or {}), and send websocket.close else",
    seen="uvicorn, hypercorn, granian: 401 | daphne: silence",
    wrong=socket(_CONNECT + _start() + _BODY, spec_version="2.3"),
    right=socket(
        f'{_CONNECT}if "{EXTENSION}" not in (scope.get("extensions") or {{}}):\n    {CLOSE}    return\n'
        + _start()
        + _BODY,
        spec_version="2.3",
    ),
    on=ON,
)
def ws_denial_without_extension(call: Call) -> Iterator[Met]:
    """Three servers offer it; on daphne the client gets no answer."""
    for sent in call.sent:
        if sent.type == START and sent.standing is Standing.NOT_OFFERED:
            yield sent.met(f"{START} was sent, and the server does not offer {EXTENSION}")


@rule(
    "ws-denial-after-accept",
    ERROR,
    spec=f"{_SPEC}: “to send HTTP response messages after the `websocket.connect` message”",
    help="close an open socket with websocket.close",
    seen=(
        "uvicorn: RuntimeError@2, socket cut | hypercorn: UnexpectedMessageError@2, close 1011 | "
        "daphne: socket open | granian: RuntimeError@2, close without code"
    ),
    wrong=socket(accept() + _start() + _BODY),
    right=GOOD,
    on=ON,
)
def ws_denial_after_accept(call: Call) -> Iterator[Met]:
    """It takes the place of accept, or of the close that refuses: the client has its answer by now."""
    for sent in call.of_type(START, BODY) if _denial(call) is None else ():
        if sent.before in (Progress.OPEN, Progress.CLOSED):
            yield sent.met(f"{sent.type} was sent when {sent.before}")


@rule(
    "ws-denial-incomplete",
    ERROR,
    spec=f"{_SPEC}: “structure that matches the `http.response.start` and `http.response.body`”",
    help=f"send a last {BODY}",
    seen="uvicorn: no reply | hypercorn: 500 | daphne: silence | granian: 403",
    wrong=socket(_CONNECT + _start()),
    right=GOOD,
    on=ON,
)
def ws_denial_incomplete(call: Call) -> Iterator[Met]:
    """Servers send nothing of it before it is complete."""
    returned = call.returned()
    if returned and call.progress is Progress.DENYING:
        yield Met(message="the denial response was started, and not completed", step=returned.step)


@rule(
    "ws-denial-then-ws-event",
    ERROR,
    spec=f"{_SPEC}: “cannot be followed by any other websocket messages”",
    help="return behind the denial response",
    seen=("uvicorn: RuntimeError@3, 401 | hypercorn: AttributeError@3, 401 | daphne: 403 | granian: 401"),
    wrong=socket(_CONNECT + _start() + _BODY + CLOSE),
    right=GOOD,
    on=ON,
)
def ws_denial_then_ws_event(call: Call) -> Iterator[Met]:
    """The handshake is answered with it, and the connection over."""
    start = _denial(call)
    for sent in call.known if start else ():
        if sent.before in (Progress.DENYING, Progress.CLOSED) and not sent.in_order and not sent.late:
            yield sent.met(f"{sent.type} was sent after a denial response")


@rule(
    "ws-denial-status",
    ERROR,
    spec=f"{_SPEC}: “allow for any control over the denial response”",
    help="use a status from 400 on",
    seen="uvicorn, hypercorn, granian: ok | daphne: silence",
    wrong=socket(_CONNECT + _start(200) + _BODY),
    right=GOOD,
    on=ON,
)
def ws_denial_status(call: Call) -> Iterator[Met]:
    """A 101 would complete the handshake, with nobody behind it; anything else tells a client no, but not why."""
    start = _denial(call)
    status = start.message.get("status") if start else None
    if start and isinstance(status, int) and not isinstance(status, bool) and 100 <= status < 400:
        yield start.met(f"a handshake is denied with status {int(status)}", WARNING if status >= 200 else None)


@rule(
    "ws-denial-portable",
    WARNING,
    spec=f"{_SPEC}: “structure that matches the `http.response.start` and `http.response.body`”",
    help='give "headers" and "body" always, and the whole body in one message',
    seen="uvicorn: KeyError@2, no reply | hypercorn, granian: 401 | daphne: silence",
    wrong=socket(_CONNECT + _start() + event(BODY)),
    right=GOOD,
    on=ON,
)
def ws_denial_portable(call: Call) -> Iterator[Met]:
    """In order by the text: but uvicorn needs body, hypercorn and granian need headers, and granian one message."""
    start = _denial(call)
    if start and "headers" not in start.message:
        yield start.met("a denial response without headers, which hypercorn and granian refuse", NOTE)
    for sent in call.of_type(BODY):
        if sent.in_order and "body" not in sent.message:
            yield sent.met(f"{BODY} without body, which uvicorn refuses")
        elif sent.in_order and sent.message.get("more_body"):
            yield sent.met("a denial response in several messages, which granian refuses", NOTE)
            return


def _denial(call: Call) -> Sent | None:
    """The start of the denial response that answers the handshake."""
    return next((sent for sent in call.of_type(START) if sent.in_order), None)
