"""What stands in a message beside its type: keys that mean something, and plain values."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from ..asgi import MESSAGES
from ..recording import Call as Kind
from ..recording import Sight
from .call import Call
from .events import EVERYWHERE
from .example import app, body, event, responds, start
from .rule import ERROR, NOTE, WARNING, Met, kind, rule, shown
from .walk import Sent

GOOD = responds()
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
