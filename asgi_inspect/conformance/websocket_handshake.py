"""The answer to a WebSocket's handshake: one, in time, and behind websocket.connect."""

from __future__ import annotations

from collections.abc import Iterator

from ..asgi import WEBSOCKET_ACCEPT, WEBSOCKET_DISCONNECT, Progress
from ..recording import Outcome
from .call import Call
from .endings import NOT_AWAITABLE, raised_step
from .example import CLOSE, accept, body, event, say, socket, start
from .rule import ERROR, NOTE, WARNING, Met, rule
from .walk import Standing

ON = ("websocket",)
GOOD = socket(accept() + say() + CLOSE)
LATE_MS = 5000
_SLEEP = "import asyncio"


@rule(
    "ws-not-answered",
    ERROR,
    spec="specs/www.rst, Connect - receive event: “must be responded to with either an *Accept* message”",
    help="send websocket.accept, or websocket.close to refuse",
    seen="uvicorn, hypercorn: 500 | daphne: silence | granian: 403",
    wrong=socket("await receive()"),
    right=socket("await receive()\n" + CLOSE),
    on=ON,
)
def ws_not_answered(call: Call) -> Iterator[Met]:
    """The client waits for a yes or a no; daphne lets it wait for 20 seconds."""
    returned = call.returned()
    denied = any(sent.standing is Standing.NOT_OFFERED for sent in call.sent)
    if returned and call.progress is Progress.CONNECTING and not denied:
        yield Met(message="the application returned without an answer to websocket.connect", step=returned.step)


@rule(
    "ws-answer-late",
    WARNING,
    spec="specs/www.rst, Connect - receive event: “not complete the handshake until it gets a reply”",
    help="accept first, and work then",
    seen="uvicorn, hypercorn, daphne, granian: silence",
    wrong=socket("await receive()\nawait asyncio.sleep(60)", before=_SLEEP, timeout=0.2, beside=("app-timeout",)),
    right=socket(accept() + "await asyncio.sleep(0.01)\n" + CLOSE, before=_SLEEP),
    on=ON,
)
def ws_answer_late(call: Call) -> Iterator[Met]:
    """No server sets a limit but daphne, after 20 seconds; the client's patience ends before."""
    first = next((sent for sent in call.known if sent.in_order), None)
    if first is not None and first.step.at >= LATE_MS:
        yield first.met(f"the handshake was answered after {first.step.at / 1000:.1f} s")
    elif first is None and call.outcome is Outcome.TIMED_OUT and len(call.received) < 2:
        yield Met(message="the handshake was not answered when time ran out")


@rule(
    "ws-raised-before-accept",
    ERROR,
    spec=(
        "specs/asgi.rst, Error Handling: “they must terminate the application instance and its associated connection”"
    ),
    help="catch it, and send websocket.close to refuse",
    seen="uvicorn, hypercorn, daphne: 500 | granian: 403",
    wrong=socket('await receive()\nraise ValueError("no such room")'),
    right=socket("await receive()\n" + CLOSE),
    on=ON,
)
def ws_raised_before_accept(call: Call) -> Iterator[Met]:
    """The client cannot tell a broken server from one that refuses. To raise at once, unheard, is how an application
    says that it knows no WebSockets, and in order."""
    ended = raised_step(call)
    if ended is None or call.progress not in (Progress.CONNECTING, Progress.DENYING):
        return
    number, step = ended
    # What send() raised because the client has gone is a normal end.
    if call.outcome is not Outcome.RAISED or NOT_AWAITABLE in (step.error or ""):
        return
    if number == 1:  # “Applications should actively reject any protocol that they do not understand with an Exception”
        message, severity = f"the application does not take WebSocket scopes: {step.error}", NOTE
    else:
        message, severity = f"{step.error} left the application before the handshake was answered", None
    yield Met(message=message, step=number, source=step.source, severity=severity)


@rule(
    "ws-accept-before-connect",
    WARNING,
    spec="specs/asgi.rst, Connection Scope: “applications may have to wait for an initial opening message”",
    help="await receive() once before the answer",
    seen="all: closes",
    wrong=socket(event("websocket.accept") + say() + CLOSE),
    right=GOOD,
    on=ON,
)
def ws_accept_before_connect(call: Call) -> Iterator[Met]:
    """An answer before the question; all servers take it. To refuse unheard is common, and in order."""
    for sent in call.of_type(WEBSOCKET_ACCEPT):
        if sent.before is Progress.CONNECTING and "websocket.connect" not in call.heard(sent.step):
            yield sent.met("websocket.accept was sent before websocket.connect was received")


@rule(
    "ws-receive-before-answer",
    WARNING,
    spec="specs/www.rst, Connect - receive event: “before the socket will pass `websocket.receive` messages”",
    help="send websocket.accept before waiting for the first message",
    seen="all: silence",
    wrong=socket("await receive()\nawait receive()", timeout=0.2, beside=("app-timeout",)),
    right=GOOD,
    on=ON,
)
def ws_receive_before_answer(call: Call) -> Iterator[Met]:
    """The client says nothing before it has its answer, so both sides wait."""
    answer = next((sent.step.at for sent in call.known if sent.in_order), float("inf"))
    for number, step in call.received[1:2]:
        # A task that listens while another one accepts is in order.
        over = step.done is None or step.done < answer
        if step.at < answer and over and (step.message or {}).get("type", WEBSOCKET_DISCONNECT) == WEBSOCKET_DISCONNECT:
            message = "the application waits for a message, and has not answered websocket.connect"
            yield Met(message=message, step=number, source=step.source)


@rule(
    "ws-send-before-accept",
    ERROR,
    spec="specs/www.rst, Connect - receive event: “before the socket will pass `websocket.receive` messages”",
    help="send websocket.accept first",
    seen="uvicorn: RuntimeError, 500 | hypercorn: UnexpectedMessageError, 500 | daphne: ValueError, 500 | granian: 403",
    wrong=socket("await receive()\n" + say()),
    right=GOOD,
    on=ON,
)
def ws_send_before_accept(call: Call) -> Iterator[Met]:
    """There is no socket yet; granian drops the message without a word."""
    for sent in call.of_type("websocket.send"):
        if sent.before is Progress.CONNECTING:
            yield sent.met("websocket.send was sent before websocket.accept")


@rule(
    "ws-accept-duplicate",
    ERROR,
    spec="specs/asgi.rst, Error Handling: “it should raise an exception out of the `send` awaitable”",
    help="let one of them accept, the handler or the middleware",
    seen=(
        "uvicorn: RuntimeError@2, socket cut | hypercorn: UnexpectedMessageError@2, close 1011 | "
        "daphne: AttributeError@2, close 1011 | granian: RuntimeError@2, close without code"
    ),
    wrong=socket(accept() + event("websocket.accept")),
    right=GOOD,
    on=ON,
)
def ws_accept_duplicate(call: Call) -> Iterator[Met]:
    """Mostly a middleware that accepts, and a handler that does too."""
    for sent in call.of_type("websocket.accept"):
        if sent.before is Progress.OPEN:
            yield sent.met("a second websocket.accept")


@rule(
    "ws-http-event",
    ERROR,
    spec="specs/asgi.rst, Protocol Specifications: “where the `protocol` matches the scope type”",
    help="refuse with websocket.close, or with websocket.http.response.start where the server offers it",
    seen="uvicorn: RuntimeError, 500 | hypercorn: UnexpectedMessageError, 500 | daphne: silence | granian: ok",
    wrong=socket("await receive()\n" + start() + body()),
    right=socket("await receive()\n" + CLOSE),
    on=ON,
)
def ws_http_event(call: Call) -> Iterator[Met]:
    """A middleware for requests that was let near a WebSocket."""
    for sent in call.sent:
        if sent.type.startswith("http.") and sent.standing is Standing.OTHER_PROTOCOL:
            yield sent.met(f"{sent.type} was sent for a WebSocket")
