"""Lines made of coloured pieces, and how values are folded into a width. Nothing here knows of HTTP."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO

from ..recording import Folded, fold
from ..span import ESCAPES, SYMBOLS, Marks, literal, printable
from .plain_values import Opaque


class Role(StrEnum):
    """What a piece of text is; the one colour table is `STYLES`."""

    PLAIN = "plain"
    LABEL = "label"
    HEADING = "heading"
    QUIET = "quiet"
    STRING = "string"
    BYTES = "bytes"
    OTHER = "other"
    SERVER = "server"
    APP = "app"
    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


# The sixteen colours of a terminal follow its own light or dark theme, so contrast is the user's.
STYLES: dict[Role, str] = {
    Role.PLAIN: "",
    Role.LABEL: "bold",
    Role.HEADING: "bold",
    Role.QUIET: "dim",
    Role.STRING: "green",
    Role.BYTES: "cyan",
    Role.OTHER: "magenta",
    Role.SERVER: "blue",
    Role.APP: "magenta",
    Role.GOOD: "bold green",
    Role.NOTE: "bold cyan",
    Role.WARNING: "bold yellow",
    Role.ERROR: "bold red",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """The few signs that are drawn: for a terminal, or plain ASCII for pipes and other encodings."""

    bar: str
    right: str
    left: str
    dot: str
    ellipsis: str
    marks: Marks


DRAWN = Glyphs(bar="│", right="───▶", left="◀───", dot="·", ellipsis="…", marks=SYMBOLS)
PLAIN = Glyphs(bar="|", right="--->", left="<---", dot="-", ellipsis="...", marks=ESCAPES)

Piece = tuple[str, Role]
Line = list[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is drawn on: its width in columns, its signs, whether it has colours."""

    width: int = 80
    glyphs: Glyphs = PLAIN
    colour: bool = False
    body_limit: int = 2048


def plain(text: str) -> Line:
    """A line of one uncoloured piece."""
    return [(text, Role.PLAIN)]


def text_width(text: str) -> int:
    """Columns that `text` takes; East Asian wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def line_width(line: Line) -> int:
    """Columns of a whole line."""
    return sum(text_width(text) for text, _ in line)


def cut(text: str, width: int) -> Iterator[str]:
    """`text` in parts of at most `width` columns; an escape like \\x1b stays in one part."""
    part, used = "", 0
    for unit in re.findall(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)|.", text, re.DOTALL):
        columns = text_width(unit)
        if part and used + columns > width:
            yield part
            part, used = "", 0
        part += unit
        used += columns
    yield part


def words(text: str, width: int) -> list[str]:
    """`text` broken at blanks into lines of at most `width` columns; a longer word is cut."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        for piece in cut(word, width):
            if line and text_width(line) + 1 + text_width(piece) > width:
                lines.append(line)
                line = piece
            else:
                line = f"{line} {piece}" if line else piece
    return [*lines, line]


def hanging(text: str, width: int) -> list[str]:
    """`words`, with lines behind the first two columns to the right."""
    lines = words(text, width)
    if len(lines) > 1:
        lines = words(text, width - 2)
    return [lines[0], *("  " + line for line in lines[1:])]


def quoted(value: object) -> str:
    """A literal, with double quotes where that needs no other escapes; what has none is named by its type."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)}: {quoted(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        items = ", ".join(map(quoted, value))
        return f"[{items}]" if isinstance(value, list) else f"({items}{',' if len(value) == 1 else ''})"
    if isinstance(value, Opaque):
        return f"<{printable(value.type_name)}>"
    if isinstance(value, Folded):
        return f"<{size(value.length)}, sha256 {value.sha256[:16]}>"
    if not isinstance(value, str | bytes):
        return literal(value)
    text = literal(value)
    prefix = "b" if isinstance(value, bytes) else ""
    inner = text[len(prefix) :]
    return f'{prefix}"{inner[1:-1]}"' if inner.startswith("'") and '"' not in inner else text


def role_of(value: object) -> Role:
    """Text, bytes and everything else are told apart by colour too."""
    if isinstance(value, str):
        return Role.STRING
    return Role.BYTES if isinstance(value, bytes | Folded) else Role.OTHER


def value_lines(value: object, width: int, limit: int) -> list[Line]:
    """A value as Python: long text and bytes as adjoining literals, one a line; very long ones folded."""
    if isinstance(value, bytes) and len(value) > limit:
        value = fold(value)
    if isinstance(value, Folded):
        shown = quoted(value.head[: min(limit, 32)])
        told = f"{shown} and so on: {size(value.length)}, sha256 {value.sha256[:16]}; --body-limit shows more"
        return [[(line, Role.BYTES)] for line in words(told, width)]
    text = quoted(value)
    if text_width(text) <= width or not isinstance(value, str | bytes):
        return [[(line, role_of(value))] for line in (words(text, width) if text_width(text) > width else [text])]
    prefix, quote = ("b", text[1]) if isinstance(value, bytes) else ("", text[0])
    inner = text[len(prefix) + 1 : -1]
    # A line of the content is a line here too, as far as it fits: a form or an upload reads as it was sent.
    lines = [line for line in re.split(r"(?<=\\n)", inner) if line]
    parts = (part for line in lines for part in cut(line, width - len(prefix) - 2))
    return [[(f"{prefix}{quote}{part}{quote}", role_of(value))] for part in parts]


def size(length: int) -> str:
    """A number of bytes as a person says it, exact up to 10,000."""
    if length == 1:
        return "1 byte"
    if length < 10_000:
        return f"{length} bytes"
    for unit in ("KiB", "MiB"):
        length_in_unit = length / (1024 if unit == "KiB" else 1024**2)
        if length_in_unit < 1000:
            return f"{length_in_unit:.1f} {unit}"
    return f"{length / 1024**3:.2f} GiB"


def duration(milliseconds: float) -> str:
    """A time in the unit a person thinks in."""
    if milliseconds < 1000:
        return f"{milliseconds:.2f} ms" if milliseconds < 100 else f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:.2f} s"


def paint(lines: Iterable[Line], *, colour: bool) -> str:
    """The lines as one text; rich is imported only where there are colours to write."""
    if not colour:
        return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)
    from rich.console import Console
    from rich.text import Text

    out = StringIO()
    # highlight and markup stay off: captured text is no markup. The width is ours, never wrapped again.
    # Whether there are colours has been decided: NO_COLOR, which rich reads too, gives way to --color always.
    console = Console(
        file=out, force_terminal=True, color_system="standard", no_color=False, highlight=False, markup=False
    )
    for line in lines:
        text = Text()
        for piece, role in line:
            text.append(piece, STYLES[role])
        text.rstrip()
        console.print(text, soft_wrap=True)
    return out.getvalue()
