"""Faults in the bytes of a request: named rules that explain what the two parsers said of them.

`RULES` is the whole table; a rule is found by its id in one search, and added to the tuple at the
end of its family's file.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding, Severity
from ..span import Span
from . import chunks, content_length, ends, expect_upgrade, fields, request_line, target, transfer_encoding
from .judge import finding, judge, lost_answers, refusal, unexplained
from .quick import nothing_odd
from .request import Reading, Request
from .rule import Fault, Place, fault, shown
from .wire import Wire

__all__ = ["RULES", "Fault", "Reading", "Request", "find_faults"]


@fault(
    "malformed-request",
    "refused for a reason that has no rule of its own",
    spec="RFC 9112 §2",
    help="look at the byte, and at the parser's words",
    h11=r"",
    httptools=r"",
)
def malformed_request(wire: Wire) -> Iterator[Place]:
    """Where each parser that refused stopped, as far as that can be told."""
    for reading in wire.request.readings:
        if reading.verdict == "rejected":
            at = wire.refused_at(reading) or wire.whole_line
            text = at.of(wire.data)
            shorter = Span(at.start, at.start + len(text.rstrip(b"\r\n"))) if text.strip(b"\r\n") else at
            message = f"{reading.parser} refuses {shown(text)}"
            yield Place(span=shorter, message=message, label="here" if wire.refused_at(reading) else "")


# What a first line that is no request line leaves to say.
_GARBLED = (
    request_line.blank_line_before_request,
    request_line.request_line_malformed,
    request_line.http2_preface,
    *ends.RULES,
)

# Each family, and the fields without which none of its rules can be met.
_FAMILIES: tuple[tuple[tuple[Fault, ...], tuple[bytes, ...]], ...] = (
    (request_line.RULES, ()),
    (target.RULES, ()),
    (fields.RULES, ()),
    (content_length.RULES, (b"content-length",)),
    (transfer_encoding.RULES, (b"transfer-encoding",)),
    (chunks.RULES, (b"transfer-encoding",)),
    (expect_upgrade.RULES, (b"expect", b"upgrade")),
    (ends.RULES, ()),
)
RULES: tuple[Fault, ...] = (*(rule for rules, _ in _FAMILIES for rule in rules), malformed_request)


def find_faults(request: Request) -> list[Finding]:
    """What is wrong with `request`, in the order of the bytes; a refused request has one error at least."""
    if nothing_odd(request):
        return []
    wire = Wire(request)
    found = [finding for rule in _rules_for(wire) if (finding := judge(wire, rule)) is not None]
    found += _unnamed(wire, found)
    return sorted(found, key=lambda finding: (finding.span or (0, 0), -finding.severity.rank))


def _rules_for(wire: Wire) -> Iterator[Fault]:
    if wire.garbled or wire.blank:
        yield from _GARBLED
        return
    for rules, names in _FAMILIES:
        if not names or wire.named(*names):
            yield from rules


def _unnamed(wire: Wire, found: list[Finding]) -> Iterator[Finding]:
    """The finding for a refusal that no named rule explains."""
    request = wire.request
    if request.chosen.verdict == "rejected":
        severity, reading = Severity.ERROR, request.chosen
    elif request.other is not None and request.other.verdict == "rejected":
        severity, reading = Severity.WARNING, request.other
    else:
        return
    if unexplained(found, severity):
        place = next(place for place in malformed_request.find(wire) if place.message.startswith(reading.parser))
        notes = (refusal(request, reading), *lost_answers(wire, reading))
        yield finding(request, malformed_request, place, severity, notes)
