"""What a message is: a dict with a type that this protocol knows, and that an application may send."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from ..asgi import FROM_SERVER, MESSAGES
from .call import Call
from .example import app, body, event, responds, start
from .rule import ERROR, WARNING, Met, kind, rule, shown
from .walk import Sent, Standing

GOOD = responds()
EVERYWHERE = ("http", "websocket", "lifespan")


@rule(
    "event-not-dict",
    ERROR,
    spec="specs/asgi.rst, Events: “Each event is a `dict` with a top-level `type` key”",
    help='send a dict: {"type": …}',
    seen="all: TypeError, 500",
    wrong=app('await send(["http.response.start", 200, []])'),
    right=GOOD,
    on=EVERYWHERE,
)
def event_not_dict(call: Call) -> Iterator[Met]:
    """Another mapping passes on most servers, and is a TypeError on one."""
    for sent in call.sent:
        name = sent.step.types.get("")
        if name and name != "NoneType":
            yield sent.met(f"send() was given a {name}, not a dict")


@rule(
    "event-none",
    ERROR,
    spec="specs/asgi.rst, Events: “Each event is a `dict` with a top-level `type` key”",
    help="a wrapper that passes messages on must not pass on the lack of one",
    seen="uvicorn, daphne, granian: TypeError, 500 | hypercorn: UnexpectedMessageError@2, 500",
    wrong=app("await send(None)"),
    right=GOOD,
    on=EVERYWHERE,
)
def event_none(call: Call) -> Iterator[Met]:
    """One server uses None inside itself, for "the application is done", and believes it."""
    for sent in call.sent:
        if sent.step.types.get("") == "NoneType":
            yield sent.met("send(None) was called")


@rule(
    "event-type-missing",
    ERROR,
    spec="specs/asgi.rst, Error Handling: “missing keys an event type should have”",
    help='add "type": "http.response.body", or whatever it is',
    seen="uvicorn, hypercorn, daphne: KeyError, 500 | granian: RuntimeError, 500",
    wrong=app('await send({"status": 200, "headers": []})'),
    right=GOOD,
    on=EVERYWHERE,
)
def event_type_missing(call: Call) -> Iterator[Met]:
    """The type is all that tells one message from another."""
    for sent in call.sent:
        if sent.standing is Standing.WITHOUT_TYPE:
            yield sent.met(f"the message has no type, only {', '.join(map(repr, sent.message)) or 'nothing'}")


@rule(
    "event-type-not-str",
    ERROR,
    spec="specs/asgi.rst, Events: “Unicode string of the message type”",
    help="drop the b in front of the quotes",
    seen=("uvicorn, granian: RuntimeError, 500 | hypercorn: UnexpectedMessageError, 500 | daphne: ValueError, 500"),
    wrong=app('await send({"type": b"http.response.start", "status": 200, "headers": []})'),
    right=GOOD,
    on=EVERYWHERE,
)
def event_type_not_str(call: Call) -> Iterator[Met]:
    """Names in ASGI are text; only what comes from the wire is bytes."""
    for sent in call.sent:
        if sent.standing is Standing.TYPE_NOT_STR:
            yield sent.met(f"the type is {kind(sent.message['type'])} {shown(sent.message['type'])}, not str")


@rule(
    "event-type-unknown",
    ERROR,
    spec="specs/asgi.rst, Error Handling: “it should raise an exception out of the `send` awaitable”",
    help="compare the spelling with the specification",
    seen=("uvicorn, granian: RuntimeError, 500 | hypercorn: UnexpectedMessageError, 500 | daphne: ValueError, 500"),
    wrong=app(event("http.response.begin", '"status": 200, "headers": []')),
    right=GOOD,
    on=EVERYWHERE,
)
def event_type_unknown(call: Call) -> Iterator[Met]:
    """No server guesses what was meant."""
    for sent in call.sent:
        if sent.standing is Standing.UNKNOWN:
            sendable = [name for name in MESSAGES if name not in FROM_SERVER and name.startswith(call.protocol)]
            close = get_close_matches(sent.type, sendable, 1)
            yield sent.met(f"there is no {sent.type!r}" + (f"; did you mean {close[0]!r}?" if close else ""))


@rule(
    "event-wrong-protocol",
    ERROR,
    spec="specs/asgi.rst, Protocol Specifications: “where the `protocol` matches the scope type”",
    help="look at scope['type'] before answering",
    seen=("uvicorn, granian: RuntimeError, 500 | hypercorn: UnexpectedMessageError, 500 | daphne: ValueError, 500"),
    wrong=app(event("websocket.accept")),
    right=GOOD,
    on=("http", "websocket", "lifespan"),
)
def event_wrong_protocol(call: Call) -> Iterator[Met]:
    """A message is for the protocol that its name begins with."""
    for sent in call.sent:
        if sent.standing is Standing.OTHER_PROTOCOL and not answers_as_http(call, sent):
            yield sent.met(f"{sent.type} was sent for a scope of type {call.protocol!r}")


def answers_as_http(call: Call, sent: Sent) -> bool:
    """A handler of requests that was called for something else: `app-scope-type-unchecked` or `ws-http-event`."""
    told = call.protocol == "websocket" or (call.protocol == "lifespan" and sent is call.sent[0])
    return told and sent.type.startswith("http.")


@rule(
    "event-receive-only",
    ERROR,
    spec=("specs/www.rst, Disconnect - receive event: “Sent to the application if receive is called after a response”"),
    help="only the server says that; the end of a response is a body message without more_body",
    seen=(
        "uvicorn: RuntimeError@2, cut | hypercorn: UnexpectedMessageError@2, cut | "
        "daphne: ValueError@2, silence | granian: RuntimeError@2, 500"
    ),
    wrong=app(start() + event("http.disconnect")),
    right=GOOD,
    on=EVERYWHERE,
)
def event_receive_only(call: Call) -> Iterator[Met]:
    """Tried by those who look for a way to hang up."""
    for sent in call.sent:
        if sent.standing is Standing.FROM_SERVER:
            yield sent.met(f"{sent.type} is a message that only the server sends")


@rule(
    "send-rejected-ignored",
    WARNING,
    spec="specs/asgi.rst, Error Handling: “it should raise an exception out of the `send` awaitable”",
    help="let the exception of send() go up, or stop sending",
    seen=("uvicorn, granian: RuntimeError, ok | hypercorn: UnexpectedMessageError, ok | daphne: ValueError, ok"),
    wrong=app(
        "try:\n    " + event("http.response.begin") + "except Exception:\n    pass\n" + start() + body(),
        beside=("event-type-unknown",),
    ),
    right=GOOD,
    on=EVERYWHERE,
)
def send_rejected_ignored(call: Call) -> Iterator[Met]:
    """On uvicorn a refused start is used up: the error page behind it is refused too."""
    refused: Sent | None = None
    for sent in call.sent:
        if refused is not None and not sent.late:
            yield sent.met(f"{sent.type} was sent after send() had refused {refused.type}: {refused.step.error}")
            return
        refused = sent if sent.step.error and not sent.late else None
