"""Which calls no rule can tell apart: of ten thousand requests nearly all, and one of them is looked at."""

from __future__ import annotations

import marshal
import re
from bisect import bisect_left
from functools import lru_cache
from operator import attrgetter
from types import NoneType
from typing import Any

from ..asgi import RESPONSE_BODY, RESPONSE_START, Message, Scope
from ..exchange import Exchange
from ..recording import AS_SHOWN, Call, Folded, Step
from .tasks import SLOW_MS

_MOST_STEPS = 50
_SHORT = 200  # bytes that are compared as they are; longer ones by their hash
_PLAIN = frozenset({str, bytes, int, bool, float, NoneType})
_LENGTH, _CODING = b"content-length", b"transfer-encoding"
# What rules look at: keys of a scope, and fields of which the value counts.
_IN_SCOPE = ("type", "asgi", "http_version", "method", "extensions", "subprotocols")
_OF_REQUEST = frozenset({b"te", b"expect", _LENGTH, _CODING})
_OF_RESPONSE = frozenset({b"connection", b"trailer"})
_DIGITS = re.compile(rb"[0-9]{1,18}")
_PLAIN_VALUE = re.compile(rb"(?:[!-~](?:[\t -~]*[!-~])?)?")
_AT = attrgetter("at")


def alike(exchange: Exchange) -> bytes | None:
    """The same bytes for two calls where, if no rule is met by the one, none is met by the other.

    None for a call that has to be looked at by itself. The second version of marshal writes equal values of
    the same types alike, whatever else refers to them.
    """
    steps = exchange.steps
    if exchange.observed or exchange.error or exchange.steps_left_out or len(steps) > _MOST_STEPS:
        return None
    if steps and steps[-1].at >= SLOW_MS:  # some rules look at the clock
        return None
    try:
        told = _told(exchange, exchange.scope or {})
        return None if told is None else marshal.dumps(told, 2)
    except Exception:  # what an application sent has no plain form, or an __eq__ or __hash__ of its own
        return None


def _told(exchange: Exchange, scope: Scope) -> list[Any] | None:
    http = scope.get("type") == "http"
    framing = _Framing() if http else None
    told: list[Any] = [*map(scope.get, _IN_SCOPE), _asked(scope) if http else scope.get("headers")]
    calls: list[str] = [exchange.outcome]
    for number, (call, _, done, message, _, error, _, types) in enumerate(exchange.steps, 1):
        if error or types is not AS_SHOWN:
            return None
        calls.append(call)
        if call is Call.RECEIVE:
            told.append(_asked_meanwhile(exchange.steps, number, done))
        if message is not None:
            words = _words(message, framing)
            if words is None:
                return None
            told.append(words)
    told.append(" ".join(calls))
    if framing is not None and not framing.plain:
        told.append((framing.said, [(len(part), hash(part)) for part in framing.content]))
    return told


def _asked_meanwhile(steps: tuple[Step, ...], number: int, done: float | None) -> int:
    """How many steps were asked for while the one before them waited for what it received; -1 for all."""
    if done is None:
        return -1
    if number == len(steps) or done <= steps[number].at:  # nearly always
        return 0
    return bisect_left(steps, done, number, key=_AT) - number


def _asked(scope: Scope) -> list[tuple[bytes, bytes | bool]]:
    """The request's fields that rules look at; of its length only whether there is one."""
    asked = [(name.lower(), value) for name, value in scope.get("headers", ()) if name.lower() in _OF_REQUEST]
    return [(name, value.strip(b"0") != b"" if name == _LENGTH else value) for name, value in asked]


class _Framing:
    """What an HTTP response says of its length (`said` are those fields), and the content that was sent."""

    __slots__ = ("content", "said", "size")

    def __init__(self) -> None:
        self.said: list[Any] = []
        self.content: list[bytes | Folded] = []
        self.size = 0

    @property
    def plain(self) -> bool:
        """Whether the content is as long as the one content-length says, if one is set, and nothing else frames it."""
        if len(self.said) != 1:
            return not self.said
        name, value = self.said[0]
        return name.lower() == _LENGTH and _DIGITS.fullmatch(value) is not None and int(value) == self.size


def _words(message: Message, framing: _Framing | None) -> Message | None:
    """A message of plain values and lists of pairs of bytes, without what no rule looks at; None for any other."""
    words = message
    for key, value in message.items():
        kind = type(value)
        if kind is bytes or kind is Folded:
            if framing is not None and key == "body":
                words = {**words, key: len(value) > 0}
                if message["type"] == RESPONSE_BODY:
                    framing.content.append(value)
                    framing.size += len(value)
            elif len(value) >= _SHORT:
                words = {**words, key: (len(value), hash(value))}
        elif kind is list or kind is tuple:
            fields: list[Any] = []
            for pair in value:
                field = _field(*pair)
                fields.append(field if type(pair) is tuple else [*field])
                if field[1] is None and framing is not None:
                    framing.said.append(pair)
            if framing is not None and message["type"] == RESPONSE_START:
                words = {**words, key: fields if kind is list else tuple(fields)}
        elif kind not in _PLAIN:
            return None
    return words


@lru_cache(maxsize=1024, typed=True)
def _field(name: bytes, value: bytes) -> tuple[bytes, bytes | bool | None]:
    """A field as far as rules look at it: its value is True where it is plain, None where it frames the content.

    Raises TypeError where it is no pair of bytes.
    """
    if type(name) is not bytes or type(value) is not bytes:
        raise TypeError
    lowered = name.lower()
    if lowered in (_LENGTH, _CODING):
        return name, None
    if lowered in _OF_RESPONSE or (lowered == b"set-cookie" and b"," in value):
        return name, value
    return name, True if _PLAIN_VALUE.fullmatch(value) else value
