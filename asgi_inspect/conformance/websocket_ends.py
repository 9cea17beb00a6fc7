"""How a WebSocket ends: nothing behind the close, and no end without one."""

from __future__ import annotations

from collections.abc import Iterator

from ..asgi import WEBSOCKET_DISCONNECT, Progress
from ..recording import Outcome
from .call import Call
from .endings import raised_step
from .example import CLOSE, LEAVES, accept, event, say, socket
from .receiving import received_after
from .rule import ERROR, NOTE, WARNING, Met, rule
from .walk import Sent
from .websocket_handshake import ON

GOOD = socket(accept() + say() + CLOSE)
ONE_MORE = "one more websocket.disconnect comes, and then receive() waits for ever"
_LEFT = socket(accept() + "await receive()", frames=LEAVES)


@rule(
    "ws-accept-after-close",
    ERROR,
    spec="specs/www.rst, Close - send event: “and not complete the WebSocket handshake”",
    help="a socket that is closed stays closed: return behind websocket.close",
    seen=(
        "uvicorn, granian: RuntimeError@3, closes | hypercorn: UnexpectedMessageError@3, closes | "
        "daphne: AttributeError@3, closes"
    ),
    wrong=socket(accept() + CLOSE + event("websocket.accept")),
    right=GOOD,
    on=ON,
)
def ws_accept_after_close(call: Call) -> Iterator[Met]:
    """A path through the code that refuses, and then goes on."""
    for sent in behind_close(call, "websocket.accept"):
        yield sent.met("websocket.accept was sent after websocket.close")


@rule(
    "ws-send-after-close",
    ERROR,
    spec="specs/www.rst, Close - send event: “tell the server to close the connection”",
    help="stop what sends before closing: cancel its task, and await it",
    seen=(
        "uvicorn: RuntimeError@3, closes | hypercorn: UnexpectedMessageError@3, closes | "
        "daphne: Disconnected@3, closes | granian: closes"
    ),
    wrong=socket(accept() + CLOSE + say()),
    right=GOOD,
    on=ON,
)
def ws_send_after_close(call: Call) -> Iterator[Met]:
    """Mostly a task that goes on sending; granian drops the message without a word."""
    for sent in behind_close(call, "websocket.send"):
        yield sent.met("websocket.send was sent after websocket.close")


@rule(
    "ws-close-duplicate",
    WARNING,
    spec="specs/www.rst, Close - send event: “tell the server to close the connection”",
    help="remember that it is closed, and that websocket.disconnect means it too",
    seen="uvicorn: RuntimeError@3, closes | hypercorn, daphne, granian: closes",
    wrong=socket(accept() + CLOSE + CLOSE),
    right=GOOD,
    on=ON,
)
def ws_close_duplicate(call: Call) -> Iterator[Met]:
    """Ignored on most servers, and an exception on one."""
    for sent in behind_close(call, "websocket.close"):
        yield sent.met("a second websocket.close")
    for sent in call.sent:
        if sent.gone and sent.type == "websocket.close":
            yield sent.met("websocket.close was sent after websocket.disconnect had been received", NOTE)
            return


@rule(
    "ws-returned-open",
    WARNING,
    spec="specs/www.rst, Websocket Connection Scope: “application dies the socket should be closed, and vice-versa”",
    help="send websocket.close before returning",
    seen="uvicorn: socket cut | hypercorn: close 1011 | daphne: socket open | granian: close without code",
    wrong=socket(accept() + say()),
    right=GOOD,
    on=ON,
)
def ws_returned_open(call: Call) -> Iterator[Met]:
    """Each server makes another end of it, and none a good one."""
    returned = call.returned()
    if returned and call.progress is Progress.OPEN and call.outcome is not Outcome.COMPLETED and not _told(call):
        yield Met(message="the application returned, and left the socket open", step=returned.step)


@rule(
    "ws-raised-after-accept",
    ERROR,
    spec="specs/www.rst, Websocket Connection Scope: “application dies the socket should be closed, and vice-versa”",
    help="catch it, and send websocket.close with a code that says so: 1011, or 4000 to 4999 where daphne is to run it",
    seen="uvicorn: socket cut | hypercorn, daphne: close 1011 | granian: close without code",
    wrong=socket(accept() + 'raise ValueError("no such room")'),
    right=socket(accept() + event("websocket.close", '"code": 4004')),
    on=ON,
)
def ws_raised_after_accept(call: Call) -> Iterator[Met]:
    """On uvicorn the client sees a lost connection (1006), and comes back at once."""
    ended = raised_step(call)
    # What send() raised because the client has gone is a normal end.
    if ended is None or call.outcome is not Outcome.RAISED:
        return
    number, step = ended
    if call.progress is Progress.OPEN and not _told(call):
        yield Met(message=f"{step.error} left the application on an open socket", step=number, source=step.source)
    elif call.progress in (Progress.OPEN, Progress.CLOSED):
        message = f"{step.error} left the application after the socket was closed"
        yield Met(message=message, step=number, source=step.source, severity=WARNING)


@rule(
    "ws-receive-after-disconnect",
    ERROR,
    spec="specs/www.rst, Disconnect - receive event: “Sent to the application when either connection to the client”",
    help="stop reading at websocket.disconnect",
    seen=(
        f"uvicorn: {ONE_MORE} | hypercorn, daphne: receive() waits for ever | "
        "granian: websocket.disconnect comes again and again"
    ),
    wrong=socket(accept() + 3 * "await receive()\n", frames=LEAVES, timeout=0.2, beside=("app-timeout",)),
    right=_LEFT,
    on=ON,
)
def ws_receive_after_disconnect(call: Call) -> Iterator[Met]:
    """Nothing comes behind it: on two servers the task waits for ever."""
    for number, step in received_after(call, WEBSOCKET_DISCONNECT):
        yield Met(message="receive() was called after websocket.disconnect", step=number, source=step.source)


@rule(
    "ws-send-after-disconnect",
    WARNING,
    spec="specs/www.rst, Disconnected Client - send exception: “called on a closed connection the server should raise”",
    help="stop when websocket.disconnect has come",
    seen="uvicorn: ClientDisconnected@2, close 1001 | hypercorn, granian: close 1001 | daphne: close 1000",
    wrong=socket(accept() + "await receive()\n" + say(), frames=LEAVES),
    right=_LEFT,
    on=ON,
)
def ws_send_after_disconnect(call: Call) -> Iterator[Met]:
    """uvicorn raises an OSError, as the text has asked for since 2.4; the others drop the message."""
    gone = [sent for sent in call.sent if sent.gone and sent.type == "websocket.send"]
    for sent in gone[:1]:
        yield sent.met("websocket.send was sent after websocket.disconnect had been received")


def behind_close(call: Call, kind: str) -> Iterator[Sent]:
    """The messages of one type that were sent behind the application's own close."""
    denied = any(sent.in_order for sent in call.of_type("websocket.http.response.start"))
    for sent in call.of_type(kind):
        if sent.before is Progress.CLOSED and not denied and not sent.late:
            yield sent


def _told(call: Call) -> bool:
    """Whether the application knew that the client had left."""
    return any((step.message or {}).get("type") == WEBSOCKET_DISCONNECT for _, step in call.received)
