"""Inspection → its conversation as Mermaid text, which Markdown on many sites draws.

Mermaid reads its own signs inside of texts (`;` ends a statement, `%%` a line, `#` begins an entity):
every character but letters, digits and a few harmless signs is written as an entity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..inspection import Inspection
from ..span import printable
from .layout import duration
from .scene import APP, CLIENT, SERVER, Row, Scene
from .sequence import scenes, server_name

_UNSAFE = re.compile(r"[^\w ./,()+*=?!'-]")
_WORDS = re.compile(r"\b(end|wrap|nowrap)\b", re.IGNORECASE)  # Mermaid takes them for its own in some places
_MOST_SCENES = 40


def as_mermaid(inspection: Inspection) -> str:
    """A `sequenceDiagram`: a participant for each lane, a note over all for each scene."""
    return "\n".join(_lines(inspection)) + "\n"


def _lines(inspection: Inspection) -> Iterator[str]:
    drawn = list(scenes(inspection))
    calls = max((len(scene.lanes) for scene in drawn), default=1)
    yield "sequenceDiagram"
    yield "    participant L0 as client"
    yield f"    participant L1 as {_text(server_name(inspection))}, {_text(inspection.server.parser)}"
    for number in range(calls):
        yield f"    participant L{APP + number} as app{'' if calls == 1 else f' {number + 1}'}"
    for scene in drawn[:_MOST_SCENES]:
        yield from _scene(scene, calls)
    if len(drawn) > _MOST_SCENES:
        yield f"    Note over L0,L{APP + calls - 1}: {_text(f'{len(drawn) - _MOST_SCENES:,} more')}"


def _scene(scene: Scene, calls: int) -> Iterator[str]:
    yield f"    Note over L0,L{APP + calls - 1}: {_text(scene.title)}"
    for row in scene.rows:
        yield f"    {_row(row)}"


def _row(row: Row) -> str:
    time = "" if row.at is None else f"{duration(row.at)}  "
    text = _text(f"{time}{row.text}")
    if row.start == row.end:
        where = {CLIENT: "Note over L0", SERVER: "Note over L0,L1"}.get(row.start, f"Note over L{row.start}")
        return f"{where}: {text}"
    arrow = "-->>" if row.kind in ("ask", "return") else "-x" if row.kind == "error" else "->>"
    return f"L{row.start}{arrow}L{row.end}: {text}"


def _text(text: str) -> str:
    """`text` as Mermaid shows it, and never obeys it."""
    coded = _UNSAFE.sub(lambda match: f"#{ord(match.group())};", printable(text))
    return _WORDS.sub(lambda match: f"#{ord(match.group()[0])};{match.group()[1:]}", coded)
