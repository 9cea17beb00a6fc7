"""A conversation as data: arrows between lanes, in scenes.

Lanes are numbered: 0 the client, 1 the server, from 2 on the application's calls. A scene is what
belongs together under one title: startup, one request, requests that overlap, shutdown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CLIENT, SERVER, APP = 0, 1, 2


class Kind(StrEnum):
    """What an arrow or a note is."""

    READ = "read"
    CALL = "call"
    ASK = "ask"
    GIVE = "give"
    SEND = "send"
    WIRE = "wire"
    FRAME = "frame"
    RETURN = "return"
    ERROR = "error"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An arrow from one lane to another, or, where they are the same, a note there.

    `at` is in milliseconds on the scene's clock, None where no clock ran. `opens` is the id of what
    tells more of it, `source` the application's line.
    """

    at: float | None
    start: int
    end: int
    text: str
    kind: Kind
    opens: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Rows in the order they happen; `lanes` names the calls of the application, if any was `called`."""

    id: str
    title: str
    rows: tuple[Row, ...]
    lanes: tuple[str, ...] = ("app",)
    bad: bool = False
    called: bool = True
