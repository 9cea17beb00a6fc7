"""The table of all rules, in the order a reader meets them: as written, file by file."""

from __future__ import annotations

from types import ModuleType

from . import (
    body,
    callables,
    channels,
    content_length,
    endings,
    event_keys,
    events,
    extensions,
    framing,
    header_list,
    header_names,
    header_values,
    lifespan_failed,
    lifespan_shutdown,
    lifespan_startup,
    lifespan_state,
    no_content,
    order,
    pathsend,
    push,
    receiving,
    sharing,
    status,
    tasks,
    trailers,
    websocket_accept,
    websocket_close,
    websocket_denial,
    websocket_ends,
    websocket_handshake,
    websocket_messages,
    zerocopysend,
)
from .rule import Rule

_FAMILIES: tuple[ModuleType, ...] = (
    callables,
    endings,
    events,
    event_keys,
    channels,
    order,
    status,
    header_list,
    header_names,
    header_values,
    content_length,
    framing,
    no_content,
    body,
    trailers,
    extensions,
    push,
    pathsend,
    zerocopysend,
    websocket_handshake,
    websocket_accept,
    websocket_messages,
    websocket_ends,
    websocket_close,
    websocket_denial,
    receiving,
    tasks,
    sharing,
    lifespan_startup,
    lifespan_failed,
    lifespan_shutdown,
    lifespan_state,
)

RULES: tuple[Rule, ...] = tuple(
    value for family in _FAMILIES for value in vars(family).values() if isinstance(value, Rule)
)
