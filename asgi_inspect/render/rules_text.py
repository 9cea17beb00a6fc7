"""The catalogue for a reader: the table of all rules, and one rule explained."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from ..conformance import RULES, Rule
from ..conformance.reactions import reactions
from ..faults import RULES as FAULTS
from ..findings import Severity
from ..http2_rules import HTTP2_RULES
from ..other_rules import OTHER_RULES

_WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What every rule has, be it about the bytes or about the application; "" where its findings tell it."""

    id: str
    severity: Severity
    summary: str
    spec: str = ""
    help: str = ""


def entries() -> list[Entry]:
    """All rules: of the bytes first, as they come first; of captures, WebSockets and the run last."""
    faults = [
        Entry(id=fault.id, severity=fault.otherwise, summary=fault.summary, spec=fault.spec, help=fault.help)
        for fault in FAULTS
    ]
    rules = [
        Entry(id=rule.id, severity=rule.severity, summary=rule.why, spec=rule.spec, help=rule.help) for rule in RULES
    ]
    frames = [Entry(**rule._asdict()) for rule in HTTP2_RULES]
    others = [Entry(**rule._asdict()) for rule in OTHER_RULES]
    return [*faults, *frames, *rules, *others]


def rules_table() -> str:
    """One line for each rule."""
    listed = entries()
    wide = max(len(entry.id) for entry in listed)
    lines = [f"{entry.severity:<8} {entry.id:<{wide}}  {entry.summary}" for entry in listed]
    return "\n".join(textwrap.shorten(line, 160, placeholder="…") if len(line) > 160 else line for line in lines) + "\n"


def explained(id: str) -> str:
    """Everything about one rule. Raises ValueError for a name that is none."""
    rule = next((rule for rule in RULES if rule.id == id), None)
    if rule is not None:
        return "\n".join(_explanation(rule)) + "\n"
    entry = next((entry for entry in entries() if entry.id == id), None)
    if entry is None:
        raise ValueError(f"there is no rule {id!r}{_near(id)}")
    more = [f"{name}: {text}" for name, text in (("spec", entry.spec), ("help", entry.help)) if text]
    return "\n".join([f"{entry.severity}[{entry.id}]", "", _wrapped(entry.summary), *([""] if more else []), *more, ""])


def check_selection(option: str, wanted: Iterable[str]) -> None:
    """Whether each of `wanted` is a rule or the beginning of one; a slip would hide findings. Raises ValueError."""
    ids = [entry.id for entry in entries()]
    for name in wanted:
        if not any(id.startswith(name) for id in ids):
            raise ValueError(f"{option}: no rule begins with {name!r}{_near(name)}")


def _near(id: str) -> str:
    close = get_close_matches(id, [entry.id for entry in entries()], 3)
    return f"; did you mean {', '.join(close)}?" if close else "; --rules lists them"


def _explanation(rule: Rule) -> Iterator[str]:
    yield f"{rule.severity}[{rule.id}]"
    yield ""
    yield _wrapped(rule.why)
    yield ""
    yield _wrapped(f"spec: {rule.spec}")
    yield _wrapped(f"help: {rule.help}")
    for title, example in (("wrong", rule.wrong), ("right", rule.right)):
        yield f"\n{title}:\n"
        yield textwrap.indent(example.code.rstrip(), "    ")
    if rule.seen:
        yield "\nwhat servers did with the wrong one:\n"
        for reaction in reactions(rule.seen):
            yield _wrapped(reaction.words(), "    ")


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)
