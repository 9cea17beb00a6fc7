"""Lines of JSON, most of which say what a line before has said."""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable
from typing import Any

from ..servers.known_heads import Placed, keep
from ..span import Span

_NUMBER = re.compile("[0-9]+")  # the keys of a provenance have none
_LONGEST_KEPT = 8192


class Lines:
    """Writes dicts by `encode`; the values of the keys `own`, named in their order, differ from line to line.

    A client repeats itself, and an application too: what lines say beside their own is encoded once for all
    that are alike.
    """

    def __init__(self, encode: Callable[[object], str], own: tuple[str, ...]) -> None:
        self._encode = encode
        self._own = own
        self._none = dict.fromkeys(own)
        self._known: dict[bytes, str] = {}
        self._places: dict[int, tuple[object, str, list[int]]] = {}

    def line(self, fields: dict[str, Any]) -> str:
        """One line, without its end."""
        own = {key: fields[key] for key in self._own}
        fields |= self._none
        try:
            # Equal values of the same types are alike in marshal's second version, whatever refers to them.
            alike = marshal.dumps(fields, 2)
        except ValueError:  # what has no plain form: bytes that were folded, say
            alike = b""
        form = self._known.get(alike)
        if form is None:
            if 0 < len(alike) <= _LONGEST_KEPT:
                keep(self._known, alike, "")
            return self._encode({**fields, **{key: _moved(value) for key, value in own.items()}})
        if not form:  # met for the second time
            form = self._form(fields)
            keep(self._known, alike, form)
        return form % tuple([self._text(value) for value in own.values()])

    def _form(self, fields: dict[str, Any]) -> str:
        """The line with a %s for each of its own."""
        texts = {
            key: "%s" if key in self._own else self._encode(value).replace("%", "%%") for key, value in fields.items()
        }
        return "{" + ",".join([f'"{key}":{text}' for key, text in texts.items()]) + "}"

    def _text(self, value: Any) -> str:
        if type(value) is int:
            return str(value)
        if type(value) is Span:
            return f"[{value[0]},{value[1]}]"
        return self._placed(value) if type(value) is Placed else self._encode(value)

    def _placed(self, placed: Placed) -> str:
        """Spans that were met before, and are moved: only their numbers are written anew."""
        spans, by = placed
        if not by:
            return self._encode(spans)
        known = self._places.get(id(spans))
        if known is None or known[0] is not spans:
            text = self._encode(spans)
            known = spans, _NUMBER.sub("%d", text), [int(number) for number in _NUMBER.findall(text)]
            keep(self._places, id(spans), known)
        _, form, numbers = known
        return form % tuple([number + by for number in numbers])


def _moved(value: Any) -> Any:
    if type(value) is not Placed:
        return value
    return value.moved() if value.by else value.spans
