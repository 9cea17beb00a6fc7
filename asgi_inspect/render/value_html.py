"""Values as Python literals on a page; text, bytes and the rest told apart, long ones folded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..recording import Folded, fold
from ..span import printable
from .elements import Markup, element
from .layout import Role, quoted, role_of, size

_CLASSES = {Role.STRING: "str", Role.BYTES: "byt", Role.OTHER: "oth"}
_FOLDED_HEAD = 32


def value_html(value: object, limit: int) -> Markup:
    """One value; of bytes over `limit` the beginning, the length and the hash."""
    if isinstance(value, bytes) and len(value) > limit:
        value = fold(value)
    if isinstance(value, Folded):
        told = f"{quoted(value.head[:_FOLDED_HEAD])} and so on: {size(value.length)}, sha256 {value.sha256[:16]}"
        return element("code", told, class_="byt")
    if isinstance(value, str) and len(value) > limit:
        told = f"{quoted(value[:limit])} and so on: {len(value):,} characters"
        return element("code", told, class_="str")
    return element("code", quoted(value), class_=_CLASSES[role_of(value)])


def mapping_html(mapping: Mapping[Any, object], limit: int) -> Markup:
    """Keys and values as a list, headers with a line for each."""
    rows: list[Markup] = []
    for key, value in mapping.items():
        name = printable(key if isinstance(key, str) else quoted(key))
        rows.append(element("dt", name))
        rows.append(element("dd", _headers(value, limit) if name == "headers" else value_html(value, limit)))
    return element("dl", *rows, class_="map")


def _headers(value: object, limit: int) -> Markup:
    pairs = value if isinstance(value, list | tuple) else None
    if not pairs or not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        return value_html(value, limit)
    rows = (
        element("div", value_html(name, limit), " ", value_html(content, limit), class_="pair")
        for name, content in pairs
    )
    return element("div", *rows)
