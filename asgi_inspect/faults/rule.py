"""What a rule about the bytes of a request is: one small named fault, where it stands, who refuses it.

The parsers judge; a rule only explains what they said. It points at places, and knows by which words
each parser refuses for its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from ..findings import Severity
from ..span import Span, visible
from .wire import Wire

_LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a rule is met. `message` is one sentence that shows the value, `label` stands at the caret.

    `reach` is where a parser that refuses for this may stop; None means the line of `span`.
    `taken_by` names parsers that take this form, though they refuse others of the rule. `taken` tells
    for a parser that takes it what follows. Where the bytes end too early to be `sure`, only a parser's
    refusal makes it a fault.
    """

    span: Span
    message: str
    label: str = ""
    reach: Span | None = None
    taken_by: tuple[str, ...] = ()
    taken: Mapping[str, str] = field(default_factory=dict)
    sure: bool = True


Find = Callable[[Wire], Iterable[Place]]


def nowhere(wire: Wire) -> Iterable[Place]:
    """The places of a rule that has not been told how to find them."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule; it decorates the function that finds its places. `id` is the bad pattern, `summary` one line on it.

    `h11` and `httptools` are patterns over the words by which each refuses for this; None: it takes
    it, and `taken` tells what follows. `otherwise` is the severity where neither refuses. `incomplete`
    is "head" or "body" for the rules that explain one cut short. `risk` is what may come of it
    where two readers differ, `smuggling` whether that is request smuggling.
    """

    id: str
    summary: str
    spec: str
    help: str
    h11: str | None = None
    httptools: str | None = None
    taken: Mapping[str, str] = field(default_factory=dict)
    risk: str = ""
    smuggling: bool = False
    otherwise: Severity = Severity.WARNING
    incomplete: str = ""
    find: Find = nowhere

    def __call__(self, find: Find) -> Fault:
        """This rule with `find` to find its places."""
        return replace(self, find=find)

    def words(self, parser: str) -> str | None:
        """The pattern of `parser`'s words when it refuses for this."""
        return self.h11 if parser == "h11" else self.httptools


def shown(value: bytes) -> str:
    """`value` as a message quotes it: safe to print, and cut where it is long."""
    if len(value) <= _LONGEST_QUOTE:
        return f"`{visible(value)}`"
    return f"`{visible(value[:_LONGEST_QUOTE])}…` ({len(value):,} bytes)"


def byte_name(value: int) -> str:
    """One byte for a label: how it looks, or its number where it has no looks."""
    names = {0x00: "NUL", 0x09: "a tab", 0x0A: "LF", 0x0D: "CR", 0x1B: "ESC", 0x20: "a space", 0x7F: "DEL"}
    return names.get(value) or (f"`{chr(value)}`" if 0x20 < value < 0x7F else f"byte 0x{value:02x}")


def count(number: int, noun: str) -> str:
    """`number` with its noun: "1 byte", "2,048 bytes"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
