"""A finding as a card: the place with a link to it, the line or the source around it, what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..captures.capture import Capture
from ..exchange import Exchange
from ..findings import Finding
from ..span import LineIndex, Span
from .elements import Markup, element, seen
from .source_html import source_html

_STEPS_FIRST, _STEPS_LAST = 200, 50
_EXCERPT = 240  # bytes of a long line that are shown on either side


def exchange_of(finding: Finding, exchanges: tuple[Exchange, ...]) -> Exchange | None:
    """The exchange that a finding belongs to; None for one about the lifespan or the whole run."""
    if finding.exchange is not None:
        return next((one for one in exchanges if one.number == finding.exchange), None)
    if finding.span is None:
        return None
    near = [one for one in exchanges if one.connection == finding.connection and one.span.start <= finding.span.start]
    return near[-1] if near else None


def finding_html(
    id: str, finding: Finding, exchange: Exchange | None, capture: Capture, lines: Collection[int] = ()
) -> Markup:
    """The whole card. `lines` are those of the bytes that can be led to; a source that is gone has no lines."""
    head = element(
        "h4",
        element("span", finding.severity, class_="severity"),
        " ",
        element("code", finding.rule),
        " ",
        _place(finding, exchange, capture, lines),
    )
    notes = [element("li", note) for note in finding.notes]
    spec = element("li", finding.spec, class_="spec") if finding.spec else None
    return element(
        "article",
        head,
        element("p", finding.message, class_="message"),
        _excerpt(finding, capture),
        source_html(finding.source, around=2) if finding.source else None,
        element("ul", *notes, spec) if notes or spec else None,
        element("p", element("b", "What to do: "), finding.help, class_="help") if finding.help else None,
        class_=f"finding {finding.severity}",
        id=id,
    )


def _place(finding: Finding, exchange: Exchange | None, capture: Capture, lines: Collection[int]) -> Markup | None:
    if finding.span is not None and exchange is not None:
        line = LineIndex(_data(finding, capture)).position(finding.span.start)
        told = f"line {line.line}, column {line.column}, byte {finding.span.start}"
        target = f"l{line.line}" if line.line in lines else "bytes"
        return element("a", told, href=f"#x{exchange.number}-{target}", class_="to")
    if finding.step is not None:
        prefix = f"x{exchange.number}" if exchange is not None else "lifespan"
        where = f"request {exchange.number}" if exchange is not None else "the lifespan"
        steps = len(exchange.steps) if exchange is not None else finding.step
        target = f"{prefix}-s{finding.step}" if step_shown(finding.step, steps) else f"{prefix}-steps"
        return element("a", f"step {finding.step} of {where}", href=f"#{target}", class_="to")
    if exchange is not None:
        return element("a", f"request {exchange.number}", href=f"#x{exchange.number}", class_="to")
    return None


def _data(finding: Finding, capture: Capture) -> bytes:
    return next(client.data for client in capture.connections if client.number == finding.connection)


def _excerpt(finding: Finding, capture: Capture) -> Markup | None:
    """The line with the bytes in question marked."""
    if finding.span is None:
        return None
    data = _data(finding, capture)
    index = LineIndex(data)
    whole = index.line_span(finding.span.start)
    start = max(whole.start, finding.span.start - _EXCERPT)
    marked = min(max(finding.span.end, finding.span.start + 1), whole.end, finding.span.start + _EXCERPT)
    end = min(whole.end, marked + _EXCERPT)
    texts = [
        seen(Span(*pair).of(data))
        for pair in ((start, finding.span.start), (finding.span.start, marked), (marked, end))
    ]
    label = element("span", f"⟵ {finding.label}", class_="label") if finding.label else None
    return element(
        "pre",
        element("span", f"{index.position(finding.span.start).line}", class_="no"),
        element(
            "code",
            "…" if start > whole.start else None,
            texts[0],
            element("mark", texts[1]),
            texts[2],
            "…" if end < whole.end else None,
        ),
        label,
        class_="excerpt",
    )


def step_shown(number: int, count: int) -> bool:
    """Whether a step, counted from 1, stands in the list of `count`; the middle of a long one does not."""
    return number <= min(_STEPS_FIRST, count) or count - _STEPS_LAST < number <= count


def badges(findings: list[tuple[str, Finding]]) -> Iterator[Markup]:
    """Short links to findings, to stand beside what they are about."""
    for id, finding in findings:
        yield element("a", f"{finding.severity}: {finding.rule}", class_=f"badge {finding.severity}", href=f"#{id}")
