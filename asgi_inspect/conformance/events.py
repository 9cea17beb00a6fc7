"""The shape of a message: a dict with a type that this protocol knows, and keys that mean something."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from ..asgi import FROM_SERVER, MESSAGES
from ..recording import Call as Kind
from ..recording import Sight
from .call import Call, Sent, Standing
from .example import app, body, event, responds, start
from .rule import ERROR, NOTE, WARNING, Met, kind, rule, shown

GOOD = responds()
EVERYWHERE = ("http", "websocket", "lifespan")
_PLAIN = (bytes, bytearray, memoryview, str, int, float, bool, type(None))
_DEEPEST = 50  # a message may hold itself
_MISTAKEN = {
    "header": "headers",
    "status_code": "status",
    "code": "status",
    "content": "body",
    "data": "body",
    "more": "more_body",
    "more_data": "more_body",
    "more-body": "more_body",
}


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
    """A handler of requests that was called for something else: `app-scope-type-unchecked` tells that."""
    return call.protocol == "lifespan" and sent.type.startswith("http.") and sent is call.sent[0]


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
    "event-key-not-str",
    ERROR,
    spec="specs/asgi.rst, Events: “Dicts (keys must be Unicode strings)”",
    help="write the key as text",
    seen="uvicorn: ok",
    wrong=app(start() + 'await send({"type": "http.response.body", "body": b"hello", b"more_body": False})'),
    right=GOOD,
    on=EVERYWHERE,
)
def event_key_not_str(call: Call) -> Iterator[Met]:
    """A message may have to cross a process boundary as JSON or msgpack."""
    for sent in call.sent:
        for key in sent.message:
            if not isinstance(key, str):
                yield sent.met(f"the key {shown(key)} is {kind(key)}, not str")


@rule(
    "event-value-type",
    WARNING,
    spec="specs/asgi.rst, Events: “they are only allowed to contain the following types”",
    help="put it in another form, or keep it out of the message",
    seen="uvicorn: ok",
    wrong=app(start() + event("http.response.body", '"body": b"hello", "took": __import__("datetime").timedelta(1)')),
    right=GOOD,
    on=EVERYWHERE,
)
def event_value_type(call: Call) -> Iterator[Met]:
    """A message may have to cross a process boundary, so only plain values may stand in it."""
    for sent in call.sent:
        for key, value in _undefined(sent):
            if (found := _not_plain(value)) is not None:
                yield sent.met(f"the value of {key!r} holds a {found}")


@rule(
    "event-unknown-key",
    NOTE,
    spec="specs/asgi.rst, Error Handling: “presence of additional keys in the event dictionary should”",
    help="a key that nobody defines is ignored by every server; compare the spelling",
    seen="all: ok",
    wrong=app(start() + event("http.response.body", '"body": b"hello", "last": True')),
    right=GOOD,
    on=EVERYWHERE,
)
def event_unknown_key(call: Call) -> Iterator[Met]:
    """Servers must take keys they do not know, so a misspelled one goes unnoticed."""
    for sent in call.sent:
        for key, value in _undefined(sent):
            if _not_plain(value) is not None:
                continue
            close = _meant(key, sent)
            hint = f"; did you mean {close!r}?" if close else ""
            yield sent.met(f"{sent.type} has no key {key!r}{hint}", WARNING if close else None)


@rule(
    "event-mutated-after-send",
    WARNING,
    spec="specs/asgi.rst, Events: “Because these messages could be sent over a network”",
    help="build a new dict for each send()",
    seen="all: ok",
    wrong=app(
        'message = {"type": "http.response.body", "body": b"hel", "more_body": True}\n'
        + start()
        + 'await send(message)\nmessage["body"] = b"lo"\nmessage["more_body"] = False\nawait send(message)'
    ),
    right=app(start() + body('b"hel"', more="True") + body('b"lo"')),
    on=EVERYWHERE,
)
def event_mutated_after_send(call: Call) -> Iterator[Met]:
    """A server may keep the object and look at it again: hypercorn reads status and headers later."""

    for one in call.seen(Sight.MESSAGE_CHANGED):
        yield call.at(one, f"the message was changed after it was sent: {one.detail}", Kind.SEND)


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


def _undefined(sent: Sent) -> Iterator[tuple[str, object]]:
    """The keys of a known message that no table has, with their values."""
    defined = MESSAGES.get(sent.type)
    for key, value in sent.message.items() if defined is not None else ():
        if isinstance(key, str) and key != "type" and key not in (defined or {}):
            yield key, value


def _meant(key: str, sent: Sent) -> str | None:
    """The key that was meant, where that can be told."""
    defined = MESSAGES[sent.type]
    mistaken = _MISTAKEN.get(key)
    if mistaken in defined:
        return mistaken
    return next(iter(get_close_matches(key, defined, 1, cutoff=0.75)), None)


def _not_plain(value: object, depth: int = 0) -> str | None:
    """The type of what must not stand in a message, None where all of it may."""
    if depth > _DEEPEST:
        return f"{type(value).__name__} that is nested too deep"
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return "float that is not finite"
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return "int of more than 64 bits"
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        return next((found for item in value if (found := _not_plain(item, depth + 1)) is not None), None)
    return None if isinstance(value, _PLAIN) else type(value).__name__
