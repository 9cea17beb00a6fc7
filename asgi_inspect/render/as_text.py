"""Inspection → text for a person: the verdict at a glance, then everything in the order it happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ..exchange import Exchange, Verdict
from ..findings import Severity
from ..inspection import Inspection
from ..recording import Outcome
from ..servers.uvicorn import HTTP2_PARSER
from ..span import LineIndex, printable, visible
from .bytes_text import line_limit, request_lines
from .finding_text import ROLES, finding_lines
from .layout import (
    Line,
    Page,
    Role,
    hanging,
    paint,
    plain,
    size,
    text_width,
    words,
)
from .lifespan_text import printed_lines, shutdown_lines, startup_lines, traceback_lines
from .parts import PARTS
from .plain_values import plain_exchange
from .response_text import captured_lines, response_lines, then_lines
from .scope_text import receive_lines, scope_lines
from .timeline_text import timeline_lines
from .websocket_text import frame_lines

INDENT, LABEL = 3, 10
_VERDICTS = {
    Verdict.ACCEPTED: Role.GOOD,
    Verdict.REJECTED: Role.ERROR,
    Verdict.INCOMPLETE: Role.WARNING,
}


def as_text(
    inspection: Inspection,
    page: Page,
    *,
    show: Iterable[str] = PARTS,
    both: bool = False,
    exit_code: int | None = None,
) -> str:
    """The report. `show` picks parts; naming "bytes" alone or among few marks what becomes what.

    `both` puts what the other parser sees beside each request.
    """
    return paint(report_lines(inspection, page, set(show), both, exit_code), colour=page.colour)


def report_lines(
    inspection: Inspection, page: Page, show: set[str], both: bool, exit_code: int | None
) -> Iterator[Line]:
    """Every line of the report, top to bottom."""
    yield from _title(inspection, page)
    yield from _repairs(inspection, page)
    if "lifespan" in show and inspection.lifespan is not None:
        yield []
        yield from _labelled("lifespan", startup_lines(inspection.lifespan, _inner(page)), page)
    indexes = {client.number: LineIndex(client.data) for client in inspection.capture.connections}
    several = len(inspection.capture.connections) > 1
    for exchange in map(plain_exchange, inspection.exchanges):
        yield []
        yield from _summary(exchange, inspection, page, several)
        yield from _exchange(exchange, inspection, indexes[exchange.connection], page, show)
        if both and "scope" in show:
            from .both_text import both_lines  # as others below: most reports need none of them

            yield []
            other = _counterpart(exchange, inspection)
            yield from _labelled("both", both_lines(exchange, other, inspection, _inner(page)), page)
    yield from _unread(inspection, page)
    if "lifespan" in show and inspection.lifespan is not None:
        rows = list(shutdown_lines(inspection.lifespan, _inner(page)))
        yield from ([[]] if rows else [])
        yield from _labelled("lifespan", rows, page)
    if "printed" in show and inspection.printed:
        yield []
        yield from _labelled("printed", printed_lines(inspection.printed, _inner(page)), page)
    if "findings" in show:
        yield from _findings(inspection, page)
    yield []
    yield from _conclusion(inspection, page, exit_code)


def _inner(page: Page) -> Page:
    """The part of the page beside the labels."""
    return replace(page, width=page.width - _margin(page))


def _margin(page: Page) -> int:
    return INDENT + LABEL if page.width >= 72 else INDENT


def _labelled(label: str, lines: Iterable[Line], page: Page) -> Iterator[Line]:
    """`lines` with the label beside the first; above them on a narrow page."""
    margin = " " * _margin(page)
    beside = len(margin) > INDENT
    first = True
    for line in lines:
        if not first or not beside:
            if first:
                yield [(" " * INDENT + label, Role.LABEL)]
            yield [(margin, Role.PLAIN), *line]
        else:
            yield [((" " * INDENT + label).ljust(len(margin)), Role.LABEL), *line]
        first = False


def _title(inspection: Inspection, page: Page) -> Iterator[Line]:
    capture, server = inspection.capture, inspection.server
    length = sum(len(client.data) for client in capture.connections)
    dot = f" {page.glyphs.dot} "
    option = " and --http2" if server.parser == HTTP2_PARSER else ""
    _, semicolon, layers = printable(capture.why).partition("; ")
    unpacked = f" ({layers})" if semicolon else ""
    parts = [
        printable(capture.source),
        f"{'raw HTTP' if capture.format == 'raw' else capture.format}{unpacked}, {size(length)}, {capture.fidelity}",
        f"as {server.name} {server.version} with {server.parser} {server.parser_version}{option} sees it",
    ]
    line = ""
    for part in parts:
        joined = f"{line}{dot}{part}" if line else part
        if line and text_width(joined) > page.width:
            yield from ([(row, Role.HEADING)] for row in words(line, page.width))
            joined = part
        line = joined
    for row in words(line, page.width):
        yield [(row, Role.HEADING)]


def _repairs(inspection: Inspection, page: Page) -> Iterator[Line]:
    repairs = inspection.capture.repairs
    if not repairs:
        return
    yield []
    rows: list[Line] = []
    inner = _inner(page)
    for repair in repairs:
        first, *rest = hanging(f"{repair.rule}: {printable(repair.message)}", inner.width)
        rows.append([(first[: len(repair.rule)], Role.WARNING), (first[len(repair.rule) :], Role.PLAIN)])
        rows += map(plain, rest)
    rows += ([(line, Role.QUIET)] for line in words("--strict-bytes takes the bytes as they are", inner.width))
    yield from _labelled("repaired", rows, page)


def _summary(exchange: Exchange, inspection: Inspection, page: Page, several: bool) -> Iterator[Line]:
    """Number, method, target and verdict: the one line that a glance needs."""
    data = next(client.data for client in inspection.capture.connections if client.number == exchange.connection)
    number = f"{exchange.number}  "
    lines = exchange.head.lines
    request = "(no request line)"
    if exchange.http2 is not None:
        from .http2_text import request_line

        request = request_line(exchange)
    elif lines:
        first = lines[0].of(data)
        more = page.glyphs.ellipsis if len(first) > line_limit(page) else ""
        request = visible(first[: line_limit(page)]) + more
    verdict, role = _verdict(exchange)
    where = f"connection {exchange.connection}, " if several else ""
    rows = words(request, page.width - len(number))
    last = number + rows[-1] if len(rows) == 1 else " " * len(number) + rows[-1]
    for position, row in enumerate(rows[:-1]):
        yield [(number if position == 0 else " " * len(number), Role.LABEL), (row, Role.HEADING)]
    gap = page.width - text_width(last) - len(where + verdict)
    lead: Line = [(last[: len(number)], Role.LABEL), (last[len(number) :], Role.HEADING)]
    if gap >= 2:
        yield [*lead, (" " * gap + where, Role.QUIET), (verdict, role)]
    else:
        yield lead
        for row in words(where + verdict, page.width):
            yield [(" " * (page.width - len(row)), Role.PLAIN), (row, role)]


def _verdict(exchange: Exchange) -> tuple[str, Role]:
    role = _VERDICTS[exchange.verdict]
    text = str(exchange.verdict)
    if exchange.outcome is not Outcome.NOT_RUN and exchange.response is not None and exchange.response.status:
        text += f", {exchange.response.status}"
    if exchange.outcome not in (Outcome.NOT_RUN, Outcome.COMPLETED):
        text, role = f"{text}, {exchange.outcome}", Role.ERROR
    return text, role


def _exchange(
    exchange: Exchange, inspection: Inspection, index: LineIndex, page: Page, show: set[str]
) -> Iterator[Line]:
    data = next(client.data for client in inspection.capture.connections if client.number == exchange.connection)
    inner = _inner(page)
    marked = "bytes" in show and len(show) < len(PARTS)
    sections: list[tuple[str, str, Callable[[], Iterator[Line]]]] = [
        ("bytes", "bytes", lambda: request_lines(exchange, data, index, inner, marked=marked)),
        ("scope", "scope", lambda: scope_lines(exchange, inner)),
    ]
    if exchange.over_http2 is not None:
        from .over_http2_text import over_http2_lines

        sections.append(("scope", "http2", lambda: over_http2_lines(exchange, inner)))
    if exchange.outcome is Outcome.NOT_RUN:
        sections.append(("receive", "receive", lambda: receive_lines(exchange, inner)))
    else:
        sections.append(("timeline", "messages", lambda: timeline_lines(exchange, inner)))
        sections.append(("timeline", "error", lambda: traceback_lines(exchange.traceback or "", inner)))
    sections.append(("frames", "frames", lambda: frame_lines(exchange, inner)))
    if exchange.http2 is not None:
        from .http2_text import frame_hex, stream_lines

        sections[0] = ("bytes", "bytes", lambda: frame_hex(exchange, inner) if marked else iter(()))
        opens = next(one for one in inspection.exchanges if one.connection == exchange.connection)
        first = opens.number == exchange.number
        sections.append(("frames", "frames", lambda: stream_lines(exchange, inner, first=first)))
    sections.append(("response", "response", lambda: response_lines(exchange, inspection.default_headers, inner)))
    sections.append(("response", "then", lambda: then_lines(exchange, data, inner)))
    client = next(client for client in inspection.capture.connections if client.number == exchange.connection)
    if client.responses and exchange.http2 is None:
        from ..captured import captured_wire

        if wire := captured_wire(client, inspection.exchanges, exchange):
            sections.append(("captured", "captured", lambda: captured_lines(wire, inner)))
    for part, label, lines in sections:
        if part not in show:
            continue
        rows = list(lines())
        if rows:
            yield []
            yield from _labelled(label, rows, page)


def _counterpart(exchange: Exchange, inspection: Inspection) -> Exchange | None:
    """The same request as the other parser sees it."""
    others = inspection.other.exchanges if inspection.other is not None else ()
    place = (exchange.connection, exchange.span.start)
    return next((other for other in others if (other.connection, other.span.start) == place), None)


def _unread(inspection: Inspection, page: Page) -> Iterator[Line]:
    for number, span in inspection.unread:
        data = next(client.data for client in inspection.capture.connections if client.number == number)
        yield []
        start = visible(data[span.start : span.start + 40], page.glyphs.marks)
        told = f"{size(span.end - span.start)} from byte {span.start} on never reach an application: {start}"
        more = page.glyphs.ellipsis if span.end - span.start > 40 else ""
        yield from _labelled(
            "unread", [[(line, Role.WARNING)] for line in words(told + more, _inner(page).width)], page
        )


def _findings(inspection: Inspection, page: Page) -> Iterator[Line]:
    for finding in sorted(inspection.findings, key=lambda finding: finding.severity.rank):
        yield []
        yield from finding_lines(finding, inspection.capture, page)


def _conclusion(inspection: Inspection, page: Page, exit_code: int | None) -> Iterator[Line]:
    """The last line: the other parser, the count of findings, the exit code."""
    told: list[str] = []
    if inspection.interrupted:
        said = "Interrupted: above is what was recorded by then."
        yield from ([(line, Role.WARNING)] for line in words(said, page.width))
    other = inspection.other
    if other is not None and not any(finding.rule.startswith("parsers-") for finding in inspection.findings):
        same = [e.verdict for e in inspection.exchanges] == [e.verdict for e in other.exchanges]
        if same and not inspection.findings:
            told.append(f"{other.server.parser} reads the same.")
    counts = Counter(finding.severity for finding in inspection.findings)
    if not counts:
        told.append("No findings." if not exit_code else f"No findings. Exit {exit_code}.")
        yield from map(plain, words(" ".join(told), page.width))
        return
    line: Line = []
    for severity in reversed(Severity):
        if counts[severity]:
            plural = "" if counts[severity] == 1 else "s"
            line += [(", " if line else "", Role.PLAIN), (f"{counts[severity]} {severity}{plural}", ROLES[severity])]
    yield [*line, (f" {page.glyphs.dot} exit {exit_code}" if exit_code else "", Role.PLAIN)]
