"""Whatever an application stored or sent, made of plain values only, so that it can be drawn without a surprise.

An object may have a repr that raises, a list may hold itself, an enum is an int whose repr is no
literal. What comes out is exactly None, bool, int, float, str, bytes, list, tuple, dict, Folded
or Opaque.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..exchange import Exchange
from ..recording import Folded

_DEEPEST = 50
_LARGEST = 10**600  # Python refuses to write integers of more than 640 digits where it is told so


@dataclass(frozen=True, slots=True)
class Opaque:
    """What has no literal form: the name of its type, and its repr where it has one."""

    type_name: str
    text: str


def has_made_values(exchange: Exchange) -> bool:
    """Whether anything in the exchange came from an application."""
    return bool(exchange.steps or exchange.send or (exchange.scope or {}).get("state"))


def plain_exchange(exchange: Exchange) -> Exchange:
    """The exchange with everything that came from the application made plain."""
    if not has_made_values(exchange):
        return exchange
    return replace(
        exchange,
        scope=plain_value(exchange.scope),
        receive=plain_value(exchange.receive),
        send=plain_value(exchange.send),
        steps=tuple(step._replace(message=plain_value(step.message)) for step in exchange.steps),
    )


def plain_value(value: Any, inside: tuple[int, ...] = ()) -> Any:
    """`value` itself, or what stands for it; `inside` are the containers around it."""
    kind = type(value)
    if value is None or kind in (bool, float, str, bytes, Folded):
        return value
    try:
        return _plain(value, inside)
    except Exception:  # whatever an application's own class does when it is looked at
        return Opaque(kind.__name__, f"<{kind.__name__}>")


def _plain(value: Any, inside: tuple[int, ...]) -> Any:
    name = type(value).__name__
    if isinstance(value, int):
        return value + 0 if -_LARGEST < value < _LARGEST else Opaque(name, f"<{name} of {value.bit_length()} bits>")
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        return float.__pos__(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(memoryview(value))
    if id(value) in inside or len(inside) == _DEEPEST:
        return Opaque(name, f"<{name}, {'itself' if id(value) in inside else 'deeper still'}>")
    within = (*inside, id(value))
    if isinstance(value, Mapping):
        return {_key(key): plain_value(item, within) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_value(item, within) for item in value]
    if isinstance(value, tuple):
        return tuple(plain_value(item, within) for item in value)
    return Opaque(name, repr(value))


def _key(key: Any) -> Any:
    plain = plain_value(key)
    return plain if not isinstance(plain, list | dict) else Opaque(type(key).__name__, repr(key))
