"""Inspection → Python literals that run as they stand and compare equal to what the application saw."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from ..exchange import Exchange
from ..inspection import Inspection
from ..recording import Folded
from ..span import literal, printable
from .plain_values import Opaque, plain_exchange

_WIDE = 100


def as_python(inspection: Inspection) -> str:
    """A module: `scope`, `receive` and `send`, for several requests lists of them."""
    server = inspection.server
    lines = [
        f"# {printable(inspection.capture.source)}, as {server.name} {server.version} with "
        f"{server.parser} {server.parser_version} sees it"
    ]
    exchanges = inspection.exchanges
    for exchange in map(plain_exchange, exchanges):
        suffix = "" if len(exchanges) == 1 else f"_{exchange.number}"
        lines += ["", f"# request {exchange.number}: {exchange.verdict}"]
        lines += _assignments(exchange, suffix)
    for finding in inspection.findings:
        lines.append(f"# {finding.severity}[{finding.rule}]: {printable(finding.message)}")
    return "\n".join(lines) + "\n"


def _assignments(exchange: Exchange, suffix: str) -> Iterator[str]:
    yield f"scope{suffix} = {_literal(exchange.scope, '')}"
    yield f"receive{suffix} = {_literal(list(exchange.receive), '')}"
    yield f"send{suffix} = {_literal(list(exchange.send), '')}"


def _literal(value: Any, indent: str) -> str:
    """A literal over several lines where one would be too long; what has no literal form is named in a comment."""
    if isinstance(value, Folded):
        head = _plain(value.head)
        return f"{head}  # and more: {value.length} bytes in all, sha256 {value.sha256}\n{indent}"
    flat = _plain(value)
    if len(indent) + len(flat) <= _WIDE and not _has_folded(value):
        return flat
    inner = indent + "    "
    if isinstance(value, dict):
        rows = (f"{inner}{_plain(key)}: {_literal(item, inner)},\n" for key, item in value.items())
        return "{\n" + "".join(rows) + indent + "}"
    if isinstance(value, list | tuple):
        opening, closing = "[]" if isinstance(value, list) else "()"
        rows = (f"{inner}{_literal(item, inner)},\n" for item in value)
        return opening + "\n" + "".join(rows) + indent + closing
    return flat


def _has_folded(value: Any) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return any(isinstance(item, Folded) or _has_folded(item) for item in items)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_plain(key)}: {_plain(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_plain, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_plain, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, Opaque):
        # An object that the application stored (a database in `state`) has no literal: a string stands for it.
        return literal(f"<{value.type_name}>")
    if isinstance(value, float) and not isfinite(value):
        return f'float("{value}")'
    return literal(value)
