"""The table of all rules, in the order a reader meets them: as written, file by file."""

from __future__ import annotations

from types import ModuleType

from . import (
    body,
    callables,
    channels,
    endings,
    events,
    extensions,
    files,
    framing,
    header_list,
    header_names,
    header_values,
    lifespan_shutdown,
    lifespan_startup,
    order,
    receiving,
    sharing,
    status,
    tasks,
    trailers,
)
from .rule import Rule

_FAMILIES: tuple[ModuleType, ...] = (
    callables,
    endings,
    events,
    channels,
    order,
    status,
    header_list,
    header_names,
    header_values,
    framing,
    body,
    trailers,
    extensions,
    files,
    receiving,
    tasks,
    sharing,
    lifespan_startup,
    lifespan_shutdown,
)

RULES: tuple[Rule, ...] = tuple(
    value for family in _FAMILIES for value in vars(family).values() if isinstance(value, Rule)
)
