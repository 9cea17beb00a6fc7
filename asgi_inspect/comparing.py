"""Whether what an application was given, or gave, is still what it was: values of its own may refuse to be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .asgi import Scope
from .recording import Sight

_SMALL = 65536
_DEEPEST = 10  # what an application puts into an extension may hold itself


def untouched(message: Any, before: Mapping[Any, Any]) -> bool:
    """The short way, for by far the most messages."""
    try:
        return type(message) is dict and bool(message == before)
    except Exception:  # an __eq__ of its own
        return False


def changed_keys(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> list[Any]:
    """The keys of a frozen message whose values are not what they were."""
    return [key for key in {**before, **after} if not _same(before, after, key)]


def _same(before: Mapping[Any, Any], after: Mapping[Any, Any], key: Any) -> bool:
    if (key in before) is not (key in after):
        return False
    old, new = before.get(key), after.get(key)
    return old is new or (type(old) is type(new) and _equal(old, new))


def _equal(old: Any, new: Any) -> bool:
    """Whether two values of the application's are the same, as far as they can be compared."""
    try:
        return bool(old == new)
    except Exception:  # an __eq__ of its own, or a value that holds itself
        return True


def frozen(message: dict[Any, Any]) -> dict[Any, Any]:
    """Enough of a message to see later that it was changed."""
    frozen = dict(message)
    for key, value in frozen.items():
        if type(value) is list:
            frozen[key] = [list(item) if type(item) is list else item for item in value]
        elif isinstance(value, bytearray) and len(value) <= _SMALL:
            frozen[key] = bytes(value)
    return frozen


class ScopeBefore:
    """A scope as the application was called with it, deep enough to see what was changed in it.

    `before` is a copy of `scope`, its containers copied too, taken before the call.
    """

    __slots__ = ("_before", "_nested", "_scope", "_state", "_was")

    def __init__(self, scope: Scope, before: Scope) -> None:
        self._scope = scope
        self._before = before
        self._was = {**scope}  # the very values, where `before` has copies of containers
        # What is deeper than a copy goes.
        self._nested = _deep(scope["extensions"]) if "extensions" in scope else None
        state = scope.get("state")
        self._state = {key: (value, _container(value)) for key, value in state.items()} if state else {}

    def changes(self) -> Iterator[tuple[Sight, str]]:
        """What is different now. A key that the application added is its own business."""
        if not self._state and self._nested is None and untouched(self._scope, self._before):
            return iter(())
        return self._changes()

    def _changes(self) -> Iterator[tuple[Sight, str]]:
        scope = self._scope
        for key, value in self._before.items():
            if key not in scope:
                yield Sight.SCOPE_REMOVED, key
            elif key == "headers":
                yield from self._headers(self._was[key])
            elif key in ("asgi", "extensions"):
                if not _equal(_deep(scope[key]), value if key == "asgi" else self._nested):
                    yield Sight.SCOPE_SHARED_CHANGED, key
            elif (now := scope[key]) is not (was := self._was[key]) and not _equal(now, was):
                yield Sight.SCOPE_CHANGED if type(now) is type(was) else Sight.SCOPE_REMOVED, key
        if self._nested is None and "extensions" in scope:
            yield Sight.SCOPE_SHARED_CHANGED, "extensions"
        for key, (value, copied) in self._state.items():
            if copied is not None and not _equal(value, copied):
                yield Sight.STATE_CHANGED, key

    def _headers(self, value: Any) -> Iterator[tuple[Sight, str]]:
        now = self._scope["headers"]
        if now is not value and not isinstance(now, list | tuple):
            yield Sight.SCOPE_REMOVED, "headers"
        elif list(value) != self._before["headers"]:
            yield Sight.SCOPE_HEADERS_CHANGED, "headers"
        elif now is not value and list(now) != self._before["headers"]:
            yield Sight.SCOPE_CHANGED, "headers"


def _deep(value: Any, depth: int = 0) -> Any:
    if not isinstance(value, dict) or depth > _DEEPEST:
        return value
    return {key: _deep(item, depth + 1) for key, item in value.items()}


def _container(value: Any) -> Any:
    """A copy of what can be changed in place and compared; None for everything else."""
    return value.copy() if type(value) in (dict, list, set, bytearray) else None
