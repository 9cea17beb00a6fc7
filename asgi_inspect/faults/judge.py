"""From a rule's places and what the parsers said to one finding.

The severity is the parsers': an error where the chosen one refused for this, a warning where the
other one did. A rule's own severity counts only where neither refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from ..findings import Finding, Severity
from ..span import LineIndex, Span, printable
from .request import Reading, Request
from .rule import Fault, Place
from .wire import Wire

_MOST_PLACES = 100
_LONGEST_WORDS = 240


def judge(wire: Wire, rule: Fault) -> Finding | None:
    """The finding for `rule`, None where it is not met."""
    places = list(islice(rule.find(wire), _MOST_PLACES))
    if not places:
        return None
    chosen = next((place for place in places if explains(wire, rule, place, wire.request.chosen)), None)
    others = wire.request.readings[1:]
    other = next((place for place in places for reading in others if explains(wire, rule, place, reading)), None)
    place = chosen or other or next((place for place in places if place.sure), None)
    if place is None:
        return None
    severity = Severity.ERROR if chosen else Severity.WARNING if other else rule.otherwise
    return finding(wire.request, rule, place, severity, tuple(_notes(wire, rule, place, len(places))))


def finding(request: Request, rule: Fault, place: Place, severity: Severity, notes: tuple[str, ...]) -> Finding:
    """`rule` met at `place`, with the line and column of the connection's bytes."""
    span = _inside(place.span, len(request.data))
    position = _lines(request.data).position(span.start)
    return Finding(
        rule=rule.id,
        severity=severity,
        message=place.message,
        label=place.label,
        notes=notes,
        spec=rule.spec,
        help=rule.help,
        connection=request.connection,
        exchange=request.exchange,
        span=span,
        line=position.line,
        column=position.column,
    )


def explains(wire: Wire, rule: Fault, place: Place, reading: Reading) -> bool:
    """Whether `reading` stopped for what `rule` says about `place`: the words fit, and so does where it stopped."""
    if reading.verdict == "incomplete":
        return rule.incomplete == ("body" if reading.called else "head")
    if reading.verdict != "rejected" or not _words_fit(rule, reading):
        return False
    at = wire.refused_at(reading)
    if at is None:
        return True
    reach = place.reach or wire.line_around(place.span)
    return at.start < reach.end and reach.start < at.end


def refusal(request: Request, reading: Reading) -> str:
    """A parser's refusal in its own words, and what uvicorn makes of it."""
    words = printable(reading.words)
    if len(words) > _LONGEST_WORDS:
        words = f"{words[:_LONGEST_WORDS]}… ({len(words):,} characters)"
    server = f"uvicorn with {reading.parser}"
    if reading.called:
        return f'{reading.parser}: "{words}"; {server} has called the app by then, and answers 400 all the same'
    return f'{reading.parser}: "{words}"; {server} answers 400 and never calls the app'


def _notes(wire: Wire, rule: Fault, place: Place, number: int) -> Iterator[str]:
    readings = wire.request.readings
    for reading in readings:
        if (note := _note(wire, rule, place, reading)) is not None:
            yield note
    if rule.risk:
        yield f"risk{' of request smuggling' if rule.smuggling else ''}: {rule.risk}"
    if number > 1:
        more = f"{number - 1} more" if number < _MOST_PLACES else f"at least {number - 1} more"
        yield f"{more} like this in the request"


def _note(wire: Wire, rule: Fault, place: Place, reading: Reading) -> str | None:
    """What `reading` says about this, None where it says nothing."""
    name = reading.parser
    known = rule.words(name) is not None and name not in place.taken_by
    if explains(wire, rule, place, reading):
        return refusal(wire.request, reading) if reading.verdict == "rejected" else _waiting(reading)
    if reading.verdict == "accepted":
        return _taking(rule, place, name)
    if reading.verdict == "rejected" and known:
        return f"{name} stopped at another fault; it would refuse this too"
    if reading.verdict == "incomplete":
        return f"{name} has refused nothing so far, and waits for more bytes" if known else _taking(rule, place, name)
    return None


def _taking(rule: Fault, place: Place, name: str) -> str:
    consequence = place.taken.get(name) or rule.taken.get(name)
    return f"{name} takes it: {consequence}" if consequence else f"{name} takes it"


def _waiting(reading: Reading) -> str:
    if reading.called:
        return (
            f"{reading.parser} waits for the rest: the app is called, and when the client leaves, "
            "receive() gives http.disconnect"
        )
    return f"{reading.parser} waits for the rest: the app is not called, and nothing is answered"


def _words_fit(rule: Fault, reading: Reading) -> bool:
    pattern = rule.words(reading.parser)
    return pattern is not None and re.search(pattern, reading.words) is not None


def _inside(span: Span, length: int) -> Span:
    start = min(span.start, max(length - 1, 0))
    return Span(start, max(start, min(span.end, length)))


@lru_cache(maxsize=1)
def _lines(data: bytes) -> LineIndex:
    # One connection may hold 100,000 requests with a finding each: its lines are counted once.
    return LineIndex(data)


def unexplained(findings: Sequence[Finding], severity: Severity) -> bool:
    """Whether none of `findings` is as grave as `severity`."""
    return all(finding.severity.rank < severity.rank for finding in findings)
