"""Elements of HTML and SVG. Text becomes markup in one function, `escaped`, and in no other way.

A link leads to an id on the same page; nothing that was captured ever becomes an attribute that acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from importlib.resources import files

from ..span import printable, visible

_SHORT = 64
_ROWS = 30
_VOID = frozenset({"meta", "br", "hr", "input"})


class Markup(str):
    """Text that is markup already: what `escaped` and `element` give."""

    __slots__ = ()


def escaped(text: str) -> Markup:
    """`text` as it reads: signs of markup as entities, and what a browser would act on (control
    characters, bidirectional overrides, broken UTF-8, NUL) as escapes."""
    return _remembered(text) if len(text) <= _SHORT else Markup(escape(printable(text)))


@lru_cache(maxsize=8192)
def _remembered(text: str) -> Markup:
    """Names of classes and keys come back thousands of times."""
    return Markup(escape(printable(text)))


def element(name: str, /, *content: str | None, **attributes: object) -> Markup:
    """One element. `class_` stands for class, other underscores for dashes; None and False are left out.

    Raises ValueError for a link that leaves the page.
    """
    opening = f"<{name}"
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = _label(key)
        if label == "href" and not str(value).startswith("#"):
            raise ValueError(f"a link leads to an id of the page, not to {value!r}")
        opening += f" {label}" if value is True else f' {label}="{escaped(str(value))}"'
    if name in _VOID:
        return Markup(opening + ">")
    return Markup(f"{opening}>{joined(*content)}</{name}>")


def joined(*content: str | None) -> Markup:
    """Pieces one behind the other: markup as it is, text escaped, None left out."""
    return Markup("".join(piece if type(piece) is Markup else escaped(piece) for piece in content if piece is not None))


def opening(rows: Sequence[Markup], name: str, class_: str) -> Markup:
    """Rows in an element `name`; of many the first, and the others in a part that opens."""
    first = element(name, *rows[:_ROWS], class_=class_)
    if len(rows) <= _ROWS:
        return first
    summary = element("summary", f"{len(rows) - _ROWS:,} more")
    return joined(first, element("details", summary, element(name, *rows[_ROWS:], class_=class_), class_="rest"))


def seen(data: bytes) -> Markup:
    """Bytes for the eye: what cannot be drawn as escapes, and the end of a line set apart."""
    text = data.rstrip(b"\r\n")
    end = data[len(text) :]
    return joined(visible(text) if text else None, element("span", visible(end), class_="eol") if end else None)


def asset(name: str) -> str:
    """A stylesheet or script that is shipped beside this file."""
    return files(__package__).joinpath(name).read_text("utf-8")


@lru_cache(maxsize=256)
def _label(key: str) -> str:
    return key.rstrip("_").replace("_", "-")
