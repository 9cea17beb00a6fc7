"""Copies of what an application sends, taken at the moment it is sent, and the types that a copy loses.

A message may be anything, and may be changed later. What can be read only once (a generator of
headers) is read here, and the server is given what was read.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from types import NoneType
from typing import Any

from .asgi import Message
from .recording import AS_SHOWN, Budget

NOT_A_MESSAGE = "(not a dict)"
_MOST_READ = 10_000
_LISTS = ("headers", "links")  # of any iterable the specification says; a file is an iterator too, and is none of ours
_PLAIN = frozenset({str, bytes, int, bool, float, NoneType})  # cannot change, and are what they look like


def copy_message(message: Any, budget: Budget) -> tuple[Message, Mapping[str, str], Any]:
    """What is recorded of whatever the application sent, the types that it does not show, what the server is given."""
    if type(message) is dict and (plain := _plain_copy(message)) is not None:
        return budget.fold(plain), AS_SHOWN, message
    if not isinstance(message, Mapping):
        return {NOT_A_MESSAGE: _described(message)}, {"": type(message).__name__}, message
    types: dict[str, str] = {} if isinstance(message, dict) else {"": type(message).__name__}
    once = {key: _read(value) for key, value in message.items() if key in _LISTS and isinstance(value, Iterator)}
    for key, value in message.items():
        if isinstance(value, bytearray | memoryview) or key in once:
            types[str(key)] = type(value).__name__
    kept = budget.keep({key: _copy(once.get(key, value)) for key, value in message.items()})
    return kept, types, {**message, **once} if once else message


def _plain_copy(message: dict[Any, Any]) -> dict[Any, Any] | None:
    """A copy of a message of plain values and lists of them, which nearly all are; None for any other."""
    copied = message.copy()
    for key, value in message.items():
        if type(value) is list:
            copied[key] = _copied_list(value)
        elif type(value) not in _PLAIN:
            return None
    return copied


def _read(iterator: Iterator[Any]) -> Any:
    """What an iterator gives; the iterator itself where it does not end or raises, as it would in the server."""
    items = []
    try:
        for item in iterator:
            items.append(item)
            if len(items) > _MOST_READ:
                return iterator
    except Exception:
        return iterator
    return items


def _copy(value: Any) -> Any:
    """Two levels are enough: a list of headers, and each header in it."""
    if isinstance(value, ItemsView | KeysView | ValuesView):
        return tuple(value)
    if type(value) is list:
        return _copied_list(value)
    return bytes(value) if isinstance(value, bytearray | memoryview) else dict(value) if type(value) is dict else value


def _copied_list(value: list[Any]) -> list[Any]:
    return [list(item) if type(item) is list else item for item in value] if list in map(type, value) else value.copy()


def _described(value: object) -> str:
    """Its repr(), which may raise as well; on a server nobody asks for it."""
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__}: its __repr__ raised>"
