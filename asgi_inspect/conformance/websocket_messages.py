"""What websocket.send holds: text or bytes, one of them."""

from __future__ import annotations

from collections.abc import Iterator

from .call import Call
from .example import CLOSE, accept, say, socket
from .rule import ERROR, NOTE, Met, kind, rule, shown
from .walk import Sent
from .websocket_handshake import ON

GOOD = socket(accept() + say() + CLOSE)
GOOD_BYTES = socket(accept() + say('"bytes": b"hello"') + CLOSE)
_BYTES = ("bytes", "Folded", "None")


@rule(
    "ws-send-both",
    ERROR,
    spec="specs/www.rst, Send - send event: “Exactly one of `bytes` or `text` must be non-`None`”",
    help="send two messages, or choose one",
    seen=(
        "uvicorn, hypercorn: closes with binary[1] | daphne: ValueError@2, close 1011 | "
        "granian: RuntimeError@2, close without code"
    ),
    wrong=socket(accept() + say('"text": "a", "bytes": b"b"') + CLOSE),
    right=socket(accept() + say('"text": "a", "bytes": None') + CLOSE),
    on=ON,
)
def ws_send_both(call: Call) -> Iterator[Met]:
    """Two servers drop the text without a word."""
    for sent, text, data in _messages(call):
        if text is not None and data is not None:
            yield sent.met("websocket.send has both text and bytes")


@rule(
    "ws-send-neither",
    ERROR,
    spec="specs/www.rst, Send - send event: “Exactly one of `bytes` or `text` must be non-`None`”",
    help='give "text" or "bytes"',
    seen=(
        "uvicorn, daphne: closes with no message | hypercorn: KeyError@2, close 1011 | "
        "granian: RuntimeError@2, close without code"
    ),
    wrong=socket(accept() + say("") + CLOSE),
    right=GOOD,
    on=ON,
)
def ws_send_neither(call: Call) -> Iterator[Met]:
    """Nothing is sent on two servers; the others raise."""
    for sent, text, data in _messages(call):
        if text is None and data is None:
            yield sent.met("websocket.send has neither text nor bytes")


@rule(
    "ws-send-text-type",
    ERROR,
    spec="specs/www.rst, Send - send event: “`text` (*Unicode string*)”",
    help='json.dumps() it, or give it as "bytes"',
    seen=(
        "uvicorn: AttributeError@2, socket cut | hypercorn: TypeError@2, close 1011 | "
        "daphne: AttributeError@2, close 1011 | granian: closes with text[0]"
    ),
    wrong=socket(accept() + say('"text": b"hello"') + CLOSE),
    right=GOOD,
    on=ON,
)
def ws_send_text_type(call: Call) -> Iterator[Met]:
    """granian sends an empty message for it."""
    for sent, text, _ in _messages(call):
        if text is not None and not isinstance(text, str):
            yield sent.met(f"text is {kind(text)} {shown(text)}, not str")


@rule(
    "ws-send-bytes-type",
    ERROR,
    spec="specs/www.rst, Send - send event: “`bytes` (*byte string*) -- Binary message content”",
    help='wrap a buffer in bytes(), and give text as "text"',
    seen=(
        "uvicorn: TypeError@2, socket cut | hypercorn: TypeError@2, close 1011 | "
        "daphne: AssertionError@2, close 1011 | granian: closes with binary[0]"
    ),
    wrong=socket(accept() + say('"bytes": "hello"') + CLOSE),
    right=GOOD_BYTES,
    on=ON,
)
def ws_send_bytes_type(call: Call) -> Iterator[Met]:
    """granian sends an empty message for it."""
    for sent, _, data in _messages(call):
        if sent.type_of("bytes") not in _BYTES:
            yield sent.met(f"bytes is {sent.type_of('bytes')} {shown(data)}, not bytes")


@rule(
    "ws-send-empty",
    NOTE,
    spec="RFC 6455 §5.6: a message may be of any length, 0 included",
    help="send something that is not empty where an answer is expected",
    seen="uvicorn, hypercorn, granian: closes with text[0] | daphne: closes with no message",
    wrong=socket(accept() + say('"text": ""') + CLOSE),
    right=GOOD,
    on=ON,
)
def ws_send_empty(call: Call) -> Iterator[Met]:
    """In order; daphne drops it."""
    for sent, text, data in _messages(call):
        if (text == "" and data is None) or (text is None and data == b""):
            yield sent.met("an empty message")


@rule(
    "ws-send-surrogate",
    ERROR,
    spec="RFC 6455 §5.6: text is UTF-8, which has no form for a lone surrogate",
    help="find out where the text was decoded with surrogateescape, or cut between two halves",
    seen=(
        "uvicorn: UnicodeEncodeError@2, socket cut | hypercorn, daphne: UnicodeEncodeError@2, close 1011 | "
        "granian: closes with text[0]"
    ),
    wrong=socket(accept() + say('"text": "half \\ud83d"') + CLOSE),
    right=socket(accept() + say('"text": "whole \\U0001f600"') + CLOSE),
    on=ON,
)
def ws_send_surrogate(call: Call) -> Iterator[Met]:
    """json.loads() makes such text of "\\ud83d"."""
    for sent, text, _ in _messages(call):
        if isinstance(text, str) and (wrong := _surrogate(text)):
            yield sent.met(f"text has the lone surrogate {wrong!r} in it")


def _messages(call: Call) -> Iterator[tuple[Sent, object, object]]:
    """Each websocket.send on an open socket, its text and its bytes."""
    for sent in call.of_type("websocket.send"):
        if sent.in_order:
            yield sent, sent.message.get("text"), sent.message.get("bytes")


def _surrogate(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return text[error.start]
    return ""
