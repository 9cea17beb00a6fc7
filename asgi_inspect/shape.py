"""What a server can see of an application without calling it: its parameters, and whether it looks async."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """An application's callable. `names` are its parameters, `required` those without a default.

    `positional` are those that cannot be given by name. `looks_async` is what servers test,
    `makes` is "coroutine", "async generator" or "something else" as far as its code tells.
    """

    target: str
    kind: str
    names: tuple[str, ...]
    required: int
    positional: tuple[str, ...]
    takes_three: bool
    by_name: bool
    takes_one: bool
    looks_async: bool
    makes: str
    is_class: bool = False
    source: str | None = None


def shape_of(app: Any, target: str) -> Shape | None:
    """Look at `app`; None where it has no signature that can be read."""
    try:
        signature = inspect.signature(app)
    except (ValueError, TypeError):
        return None
    parameters = [p for p in signature.parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    called = app if inspect.isroutine(app) or inspect.isclass(app) else type(app).__call__
    return Shape(
        target=target,
        kind=_kind(app),
        names=tuple(parameter.name for parameter in parameters),
        required=sum(parameter.default is parameter.empty for parameter in parameters),
        positional=tuple(parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_ONLY),
        takes_three=_binds(signature, 1, 2, 3),
        by_name=_binds(signature, scope=1, receive=2, send=3),
        takes_one=_binds(signature, 1),
        looks_async=inspect.iscoroutinefunction(called),
        makes=_makes(called),
        is_class=inspect.isclass(app),
        source=_source(called),
    )


def _binds(signature: inspect.Signature, *args: object, **kwargs: object) -> bool:
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _makes(called: Any) -> str:
    if inspect.isasyncgenfunction(called):
        return "async generator"
    return "coroutine" if inspect.iscoroutinefunction(called) else "something else"


def _kind(app: Any) -> str:
    return "class" if inspect.isclass(app) else "function" if inspect.isroutine(app) else type(app).__name__


def _source(called: Any) -> str | None:
    from .blame import place_of

    code = getattr(inspect.unwrap(called) if callable(called) else called, "__code__", None)
    return None if code is None else place_of(code.co_filename, code.co_firstlineno)
