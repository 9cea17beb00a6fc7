"""Which connection a line of curl's log belongs to, shared by the readers of `-v` and `--trace`.

`--trace-ids` says it. 7.x numbers its connections where it makes and reuses them; 8.x without ids
says only that it makes or reuses one, so two at a time cannot be told apart for sure.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Final

from ..findings import Finding, Severity
from .gathering import Gathering

MOST_ALIVE: Final = 50  # connections that curl may have open, as far as its log is followed
STAMP: Final = rb"(?:\d\d:\d\d:\d\d\.\d{6} )?(\[\d+-[\dx]+\] )?"
METER: Final = rb"(?:\r[ 0-9.:kMGT\r-]+)?"
NOISE: Final = (b"% Total", b"Dload", b"DL%", b"Warning: ", b"Note: ", b"Script started")
# What curl says before a request on a connection, new or used.
NEWS: Final = re.compile(
    rb"(?:Connected to|Established connection|Re-using existing|[uU]sing HTTP|Issue another|Found bundle|Trying)"
)
_CONNECTED = re.compile(rb"(?:Connected to .* port \d+|Established connection to [^#]*)(?: \(#(\d+)\))?\s*$")
_REUSED = re.compile(rb"Re-using existing [^#]*(?:#(\d+))?")
_CLOSED = re.compile(rb"(?:Closing connection|shutting down connection)[^\d]*(\d+)?")


def opens_log(before: bytes) -> bool:
    """Whether what stands before a log is only what may: a prompt with curl, a warning, a meter."""
    lines = [line.strip() for line in before.split(b"\n")]
    return all(not line or line.startswith(NOISE) or b"curl " in line for line in lines)


def is_noise(text: bytes) -> bool:
    """Whether a line is one that may stand anywhere in a log on a terminal: empty, or a progress meter."""
    line = text.split(b"\n")[0]
    return not line.strip() or line.startswith(b"\r") or line.strip().startswith(NOISE)


@dataclass(slots=True)
class Connections:
    """Follows the log; `of` gives the key of the connection a line with these ids belongs to."""

    out: Gathering
    current: Hashable = 0
    made: int = 0
    alive: list[Hashable] = field(default_factory=list)
    fresh: list[Hashable] = field(default_factory=list)
    guessed: bool = False
    news: bool = True

    def info(self, text: bytes) -> None:
        """One `* ` or `== Info: ` line."""
        self.news = self.news or NEWS.match(text.lstrip()) is not None
        if match := _CONNECTED.match(text):
            self.made += 1
            self.current = ("made", self.made, match[1])
            self.alive.append(self.current)
            del self.alive[:-MOST_ALIVE]
            self.fresh.append(self.current)
            del self.fresh[:-MOST_ALIVE]
        elif match := _REUSED.match(text):
            known = [key for key in self.alive if isinstance(key, tuple) and match[1] and key[2] == match[1]]
            self.current = known[-1] if known else self.current
            self.guessed = self.guessed or (not known and len(self.alive) > 1)
        elif match := _CLOSED.match(text):
            named = [key for key in self.alive if isinstance(key, tuple) and key[2] == match[1]]
            gone = named[0] if named else self.current
            self.alive = [key for key in self.alive if key != gone]

    def request(self, ids: bytes | None) -> Hashable:
        """The key for a request that begins here."""
        self.news = False
        if ids and b"x" not in ids:
            return ids[1:-2].split(b"-")[1]
        self.guessed = self.guessed or len(self.alive) > 1
        if self.fresh:
            self.current = self.fresh.pop(0)
        return self.current

    def of(self, ids: bytes | None) -> Hashable:
        """The key for anything else."""
        return ids[1:-2].split(b"-")[1] if ids and b"x" not in ids else self.current

    def state(self) -> tuple[object, ...]:
        """What `restore` takes to forget everything since."""
        return (self.current, self.made, list(self.alive), list(self.fresh), self.guessed, self.news)

    def restore(self, state: tuple[Any, ...]) -> None:
        """Back to an earlier state: what came since stood in a response body."""
        self.current, self.made, self.alive, self.fresh, self.guessed, self.news = state

    def confess(self) -> bool:
        """Whether a connection had to be guessed; if so, it is said."""
        if self.guessed:
            self.out.note(
                Finding(
                    rule="connection-guessed",
                    severity=Severity.WARNING,
                    message="Several connections were open and the log does not say which one each request used.",
                    help="Add --trace-ids (curl 8.2 or newer) and capture it again.",
                )
            )
        return self.guessed


def as_http1(head: bytes) -> bytes:
    """curl prints an HTTP/2 or HTTP/3 request as if it were text; the same request as HTTP/1.1."""
    line, end, rest = head.partition(b"\r\n")
    return line[: line.rindex(b" ")] + b" HTTP/1.1" + end + rest


def is_frames(head: bytes) -> bool:
    """Whether the request line says HTTP/2 or HTTP/3: frames went out, not this text."""
    return head[: head.find(b"\n")].rstrip().endswith((b" HTTP/2", b" HTTP/3", b" HTTP/2.0"))


FRAMES: Final = Finding(
    rule="not-the-wire",
    severity=Severity.WARNING,
    message="curl sent HTTP/2 or HTTP/3 frames and prints made-up text; the request is shown as HTTP/1.1.",
    help="To see the bytes, capture them: tcpdump -w FILE, or ask with --http1.1.",
)
