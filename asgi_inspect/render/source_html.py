"""The lines of an application around a place like "app.py:12", where its file can still be read."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from .elements import Markup, element

_LARGEST = 1 << 20
_ROOTS = ("purelib", "platlib", "stdlib")


class SourceLine(NamedTuple):
    """A line with its number; `named` is that of the place itself."""

    number: int
    text: str
    named: bool


def source_html(source: str, *, around: int) -> Markup:
    """The place, and under it its line with `around` lines before and behind."""
    rows = (
        element(
            "div",
            element("span", f"{line.number}", class_="no"),
            element("code", line.text or " "),
            class_="here" if line.named else None,
        )
        for line in lines_around(source, around)
    )
    return element("figure", element("figcaption", source), *rows, class_="source")


def lines_around(source: str, around: int) -> tuple[SourceLine, ...]:
    """The line and its neighbours; none where the file is not there, or is no text."""
    name, _, number = source.rpartition(":")
    if not name or not (number.isascii() and number.isdigit()):
        return ()
    lines, line = _lines(name), int(number)
    if not 1 <= line <= len(lines):
        return ()
    shown = range(max(1, line - around), min(len(lines), line + around) + 1)
    return tuple(SourceLine(one, lines[one - 1], one == line) for one in shown)


@lru_cache(maxsize=64)
def _lines(name: str) -> tuple[str, ...]:
    for path in _places(name):
        try:
            if path.is_file() and path.stat().st_size <= _LARGEST:
                return tuple(path.read_text("utf-8").splitlines())
        except (OSError, ValueError):
            continue
    return ()


def _places(name: str) -> Iterator[Path]:
    """As tracebacks name a file: from the working directory, or from where libraries are."""
    yield Path(name)
    for root in _ROOTS:
        yield Path(sysconfig.get_path(root), name)
