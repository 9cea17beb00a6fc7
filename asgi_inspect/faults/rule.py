"""What a rule about the bytes of a request is: one small named fault, where it stands, who refuses it.

The parsers judge; a rule only explains what they said. It points at places, and knows by which words
each parser refuses for its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule. `id` is the bad pattern, `summary` says it in one line.

    `h11` and `httptools` are patterns over the words by which each refuses for this; None: it takes
    it, and `taken` tells what follows. `otherwise` is the severity where neither refuses. `incomplete`
    is "head" or "body" for the rules that explain one cut short. `smuggling` is the risk where readers differ.
    """

    id: str
    summary: str
    find: Find
    spec: str
    help: str
    h11: str | None = None
    httptools: str | None = None
    taken: Mapping[str, str] = field(default_factory=dict)
    smuggling: str = ""
    otherwise: Severity = Severity.WARNING
    incomplete: str = ""

    def words(self, parser: str) -> str | None:
        """The pattern of `parser`'s words when it refuses for this."""
        return self.h11 if parser == "h11" else self.httptools


def fault(
    id: str,
    summary: str,
    *,
    spec: str,
    help: str,
    h11: str | None = None,
    httptools: str | None = None,
    taken: Mapping[str, str] | None = None,
    smuggling: str = "",
    otherwise: Severity = Severity.WARNING,
    incomplete: str = "",
) -> Callable[[Find], Fault]:
    """Make the function under it, which finds the places, into the rule `id`."""
    return lambda find: Fault(
        id=id,
        summary=summary,
        find=find,
        spec=spec,
        help=help,
        h11=h11,
        httptools=httptools,
        taken=taken or {},
        smuggling=smuggling,
        otherwise=otherwise,
        incomplete=incomplete,
    )


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
