"""The whole table of rules, and what it says of one request that is not obviously well-formed."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding, Severity
from ..span import Span
from . import (
    chunks,
    content_length,
    ends,
    expect_upgrade,
    fields,
    host,
    http_version,
    request_line,
    target,
    transfer_encoding,
)
from .judge import finding, judge, refusal, unexplained
from .request import Request
from .rule import Fault, Place, shown
from .wire import Wire


@Fault(
    id="malformed-request",
    summary="refused for a reason that has no rule of its own",
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
    http_version.http2_preface,
    http_version.http2_preface_continued,
    *ends.RULES,
)

# Each family, and the fields without which none of its rules can be met.
_FAMILIES: tuple[tuple[tuple[Fault, ...], tuple[bytes, ...]], ...] = (
    (request_line.RULES, ()),
    (http_version.RULES, ()),
    (target.RULES, ()),
    (fields.RULES, ()),
    (host.RULES, ()),
    (content_length.RULES, (b"content-length",)),
    (transfer_encoding.RULES, (b"transfer-encoding",)),
    (chunks.RULES, (b"transfer-encoding",)),
    (expect_upgrade.RULES, (b"expect", b"upgrade")),
    (ends.RULES, ()),
)
RULES: tuple[Fault, ...] = (*(rule for rules, _ in _FAMILIES for rule in rules), malformed_request)


def explain(request: Request) -> list[Finding]:
    """The findings for `request`, in the order of the bytes."""
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
        yield finding(request, malformed_request, place, severity, (refusal(request, reading),))
